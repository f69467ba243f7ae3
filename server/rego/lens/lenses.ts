/**
 * Code lenses: evaluate, run tests, count references. Only their positions are found for a module; counting, which
 * looks into other modules, waits until a lens is seen.
 */
import type { CodeLens, Command, Position } from 'vscode-languageserver';
import { kindOf } from '../../file-kinds.ts';
import { type LensTarget, lensCommands } from '../../protocol.ts';
import type { CodeLensSettings } from '../../settings.ts';
import type { Document, Root } from '../../snapshot.ts';
import { serverCommands } from '../commands.ts';
import { type Module, modulesOf, occurrenceAt } from '../names/modules.ts';
import type { RuleName } from '../names/names.ts';
import { isTest } from '../names/outline.ts';
import { offsetAt, rangeOf } from '../places.ts';
import { everywhere } from '../references.ts';
import { nameOf } from '../symbols.ts';
import type { Span } from '../syntax/tree.ts';

/** What a lens whose references are to be counted carries to its resolution. */
interface CountData {
  /** `name`: of the rule, '' for the package; it stays the same while the text around moves. */
  count: { uri: string; position: Position; name: string };
}

/** Whose commands lenses call: those of our client, which shows results beside the code, or the server's. */
export type Commands = 'client' | 'server';

/** A rule has its lenses at its first definition in the module. */
export function codeLenses({ document, names, path }: Module, shown: CodeLensSettings, commands: Commands): CodeLens[] {
  const { uri } = document;
  // Tests of Regal's custom rules are no policy tests.
  const runs = shown.tests && kindOf(path) !== 'lint-rule';
  const lenses: CodeLens[] = [];
  const add = (span: Span, command: Command) => lenses.push({ range: rangeOf(document, span), command });
  const count = (span: Span, at: Span, name: string) => {
    if (!shown.references) return;
    const data: CountData = { count: { uri, position: rangeOf(document, at).start, name } };
    lenses.push({ range: rangeOf(document, span), data });
  };

  const [first] = names.package;
  const last = names.package.at(-1);
  const rules = rulesOf(names.rules);
  const tests = rules.filter(isRun);
  if (first && last) {
    const whole = { start: first.start, end: last.end };
    const { start: position } = rangeOf(document, whole);
    if (shown.evaluate) add(whole, evaluateCommand({ uri, position, whole: true }, commands));
    if (runs && tests.length > 0) add(whole, testsCommand({ uri }, commands));
    count(whole, last, '');
  }
  for (const definitions of rules) {
    const [rule] = definitions;
    const [start] = rule.path;
    const end = rule.path.at(-1);
    if (!start || !end) continue;
    const name = { start: start.start, end: end.end };
    const { start: position } = rangeOf(document, name);
    if (shown.evaluate && definitions.some(({ kind }) => kind !== 'function')) {
      add(name, evaluateCommand({ uri, position }, commands));
    }
    if (!isRun(definitions)) count(name, end, keyOf(rule));
    else if (runs) add(name, testsCommand({ uri, test: nameOf({ path: pathOf(rule) }) }, commands));
  }
  return lenses;
}

type Definitions = readonly [RuleName, ...RuleName[]];

function keyOf(rule: RuleName): string {
  return pathOf(rule).join('\n');
}

/** By their paths, in the order of their first definitions. */
function rulesOf(all: readonly RuleName[]): Definitions[] {
  const rules = new Map<string, [RuleName, ...RuleName[]]>();
  for (const rule of all) {
    const key = keyOf(rule);
    const others = rules.get(key);
    if (others) others.push(rule);
    else rules.set(key, [rule]);
  }
  return [...rules.values()];
}

/** Not those to skip. */
function isRun([rule]: Definitions): boolean {
  const path = pathOf(rule);
  return isTest({ path }) && !path.some((name) => name.startsWith('todo_test_'));
}

function pathOf({ path }: RuleName): string[] {
  return path.map(({ name }) => name);
}

function evaluateCommand(target: LensTarget, commands: Commands): Command {
  const title = 'Evaluate';
  if (commands === 'client') return { title, command: lensCommands.evaluate, arguments: [target] };
  const { uri, position, whole } = target;
  const what = { kind: whole ? 'package' : 'rule', position };
  return { title, command: serverCommands.evaluate, arguments: [{ uri, target: what, show: true }] };
}

function testsCommand(target: LensTarget, commands: Commands): Command {
  const title = target.test === undefined ? 'Run Tests' : 'Run Test';
  if (commands === 'client') return { title, command: lensCommands.runTests, arguments: [target] };
  return { title, command: serverCommands.test, arguments: [{ ...target, show: true }] };
}

/** What a lens is about whose references are to be counted; undefined for one that has its command. */
export function countedBy({ command, data }: CodeLens): CountData['count'] | undefined {
  return command ? undefined : (data as Partial<CountData> | undefined)?.count;
}

/** How many places refer to what a lens is about. */
export function countReferences({ root, path, document }: LensPlace, { position }: CountData['count']): number {
  const modules = modulesOf(root);
  const module = modules.byPath.get(path);
  const at = module && occurrenceAt(modules, module, offsetAt(document, position));
  if (!module || !at) return 0;
  return everywhere(modules, module, at.meaning).filter(({ occurrence }) => !occurrence.declares).length;
}

interface LensPlace {
  root: Root;
  path: string;
  document: Document;
}

export function withCount(lens: CodeLens, target: CountData['count'], count: number, commands: Commands): CodeLens {
  const { uri, position } = target;
  return {
    range: lens.range,
    command: {
      title: count === 1 ? '1 reference' : `${count} references`,
      command: commands === 'client' ? lensCommands.showReferences : serverCommands.references,
      arguments: [{ uri, position } satisfies LensTarget],
    },
  };
}
