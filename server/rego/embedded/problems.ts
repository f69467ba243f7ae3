/**
 * What Gatekeeper does not take in a template's Rego, beside what OPA says of it. Each rule is the Rego driver's own:
 * https://github.com/open-policy-agent/frameworks/blob/master/constraint/pkg/client/drivers/rego/compilers.go
 * (parseConstraintTemplateTarget) and …/constraint/pkg/regorewriter/regorewriter.go (checkSources).
 */
import { type Diagnostic, DiagnosticSeverity, DiagnosticTag } from 'vscode-languageserver';
import type { Document, Root } from '../../snapshot.ts';
import { type Module, modulesOf } from '../names/modules.ts';
import type { Segment } from '../names/names.ts';
import { rangeOf } from '../places.ts';
import type { Span } from '../syntax/tree.ts';

const page = 'https://open-policy-agent.github.io/gatekeeper/website/docs/constrainttemplates/';

/** Known at once: no engine is asked. */
export function templateProblems(root: Root): Diagnostic[] {
  if (!root.template) return [];
  const { document, target } = root.template;
  const found: Diagnostic[] = [];
  const add = (span: Span, code: string, message: string, rest: Partial<Diagnostic> = {}) =>
    found.push({ ...diagnostic(document, span, code, message), ...rest });
  if (target.missing) add(target.missing, 'missing-rego', 'A source of the engine Rego needs `rego`.');
  for (const span of target.unread) {
    const message = 'Gatekeeper does not read this: of a target, one source of Rego counts, `rego` before `code`.';
    add(span, 'unread-rego', message, { severity: DiagnosticSeverity.Warning, tags: [DiagnosticTag.Unnecessary] });
  }
  for (const [path, { embedded }] of root.files) {
    if (!embedded) continue;
    const { source, places } = embedded;
    if (source.value.trim() === '') continue;
    if (!source.block && !places?.written())
      add(firstLineOf(document, source.span), 'no-block', noBlock, asInformation);
    const module = modulesOf(root).byPath.get(path);
    if (module) found.push(...moduleProblems(module, source.role));
  }
  return found;
}

const noBlock =
  'This Rego is written in a way that hides where its lines are: completion, navigation, formatting and the like need a block scalar, `|`.';
const asInformation = { severity: DiagnosticSeverity.Information };

function firstLineOf({ text }: Document, { start, end }: Span): Span {
  const [firstLine = ''] = /^.*/.exec(text.slice(start, end)) ?? [];
  return { start, end: start + firstLine.length };
}

function moduleProblems(module: Module, role: 'main' | 'lib'): Diagnostic[] {
  const { document, names } = module;
  const { tree, imports, rules, uses } = names;
  const found: Diagnostic[] = [];
  const add = (span: Span, code: string, message: string) => found.push(diagnostic(document, span, code, message));
  const [first] = names.package;
  const whole = first && { start: first.start, end: names.package.at(-1)?.end ?? first.end };
  // While it cannot be read as a whole, the rule may be in what is broken.
  const isWhole = tree.errors.length === 0;
  if (role === 'main' && whole && isWhole && !rules.some(({ path }) => path[0]?.name === 'violation')) {
    add(whole, 'no-violation', 'Gatekeeper asks for the rule `violation`, and there is none.');
  }
  if (role === 'lib' && whole && (first.name !== 'lib' || names.package.length < 2)) {
    add(whole, 'lib-package', 'Packages of `libs` are below `lib`, such as `package lib.NAME`.');
  }
  for (const { node, path } of imports) {
    const [base] = path;
    if (base?.name === 'future' || (base?.name === 'data' && path[1]?.name === 'lib')) continue;
    const message =
      base?.name === 'rego'
        ? 'Gatekeeper refuses `import rego.v1`: Rego v1 is what `version: "v1"` of a source in `code` makes it.'
        : 'Gatekeeper refuses imports of anything but `data.lib` and `future.keywords`.';
    add(node.path, 'import', message);
  }
  for (const { segments } of uses) {
    const [base, below] = segments;
    if (base?.name !== 'data' || below?.name === 'lib' || below?.name === 'inventory') continue;
    add(
      spanOf(base, below),
      'data',
      'Gatekeeper refuses references to data other than `data.lib` and `data.inventory`.',
    );
  }
  return found;
}

function spanOf(first: Segment, second: Segment | undefined): Span {
  return { start: first.start, end: (second ?? first).end };
}

function diagnostic(document: Document, span: Span, code: string, message: string): Diagnostic {
  return {
    range: rangeOf(document, span),
    severity: DiagnosticSeverity.Error,
    source: 'gatekeeper',
    code,
    codeDescription: { href: page },
    message,
  };
}
