/** Any message at all: nothing fails, and what is taken for a disclosure is what git reads. */
import assert from 'node:assert/strict';
import { test } from 'node:test';
import fc from 'fast-check';
import { defaultConfig } from '../../core/config.ts';
import { readHome } from '../../core/disclosure/home.ts';
import { declaredBy } from '../../core/disclosure/profiles.ts';
import { cleanMessage, cutAtScissors } from '../../core/git/message-file.ts';
import { editBetween } from '../../server/message/edits.ts';
import { fastFindings } from '../../server/message/fast.ts';
import { findingDiagnostics } from '../../server/message/finding.ts';
import { readMessageText } from '../../server/message/text.ts';
import { messages, sampleMessages } from '../support/messages.ts';
import { makeRepository } from '../support/repository.ts';
import { configuration } from './message-support.ts';
import { applied } from './support.ts';

const home = readHome(
  Object.entries(configuration).map(([path, text]) => [path.replace('.countersign/', ''), text] as const),
)!;
const facts = { home, now: new Date('2026-03-01T12:00:00Z') };

const texts = fc.oneof(messages, fc.string({ unit: 'binary', maxLength: 60 }), fc.string({ unit: 'grapheme' }));

test('any text is taken apart, and each fix is an edit of it', () => {
  fc.assert(
    fc.property(
      texts,
      fc.constantFrom('file' as const, 'input' as const),
      fc.constantFrom('#', ';', '//'),
      (source, kind, prefix) => {
        const text = readMessageText(source, { kind, commentPrefix: prefix, strip: kind === 'file' });
        const findings = fastFindings(text, facts);
        for (const { span, fixes } of findings) {
          assert.ok(span.start >= 0 && span.start <= span.end && span.end <= source.length);
          for (const { apply } of fixes) {
            const after = apply();
            if (after === undefined) continue;
            assert.equal(applied(source, [editBetween(source, after)]), after);
          }
        }
        assert.equal(findingDiagnostics(text, findings).length, findings.length);
      },
    ),
    { numRuns: 400 },
  );
});

test('moving trailers takes and changes no line', () => {
  const linesOf = (source: string) =>
    source
      .split('\n')
      .map((line) => line.trimEnd())
      .filter((line) => line !== '')
      .sort();
  let moved = 0;
  fc.assert(
    fc.property(messages, fc.constantFrom('file' as const, 'input' as const), (source, kind) => {
      const text = readMessageText(source, { kind, commentPrefix: '#', strip: kind === 'file' });
      for (const { code, fixes } of fastFindings(text, facts)) {
        // What is carelessly written is written anew; a duplicate goes.
        if (code !== 'broken-block' && code !== 'trailer-in-title') continue;
        for (const { title, apply } of fixes.filter((fix) => /^(Move|Put)/.test(fix.title))) {
          const after = apply();
          if (after === undefined) continue;
          moved++;
          assert.deepEqual(linesOf(after), linesOf(source), title);
        }
      }
    }),
    { numRuns: 1500 },
  );
  assert.ok(moved > 50, `only ${moved} were moved`);
});

test('what is read of a message file is what git reads once it has cleaned it', async (t) => {
  const repository = await makeRepository(t);
  const { seed, messages: sampled } = sampleMessages(600);
  // As git hands it to an editor: comments around, scissors below.
  const files = sampled.map((message) => `\n# a note\n${message.replace(/(?<=[^\n])$/, '\n')}# Please enter\n`);
  await repository.write('end', 'end\n\nEnd-Of-File: yes\n');
  const names: string[] = [];
  for (const [at, file] of files.entries()) {
    await repository.write(`m${at}`, cleanMessage(cutAtScissors(file, '#'), 'strip', '#'));
    names.push(`m${at}`, 'end');
  }
  const printed = (await repository.gitBytes(['interpret-trailers', '--parse', '--no-divider', ...names]))
    .toString()
    .split('End-Of-File: yes\n');
  for (const [at, file] of files.entries()) {
    const text = readMessageText(file, { kind: 'file', commentPrefix: '#', strip: true });
    const ours = declaredBy(text.trailers, defaultConfig);
    const gits = declaredBy(
      printed[at]!.split('\n').flatMap((line) => {
        const separator = line.indexOf(':');
        return separator < 0
          ? []
          : [{ key: line.slice(0, separator), value: line.slice(separator + 1).replace(/^ /, '') }];
      }),
      defaultConfig,
    );
    assert.deepEqual(ours, gits, `file ${JSON.stringify(file)}, FC_SEED=${seed}`);
  }
});
