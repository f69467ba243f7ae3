/** Policy tests in VS Code's Test Explorer: found by the server when the view first asks, run by it, shown as they finish. */
import { randomUUID } from 'node:crypto';
import * as vscode from 'vscode';
import type {
  DiscoverTestsParams,
  DiscoverTestsResult,
  PolicyTest,
  RunTestsParams,
  RunTestsResult,
  TestResultParams,
} from '../server/protocol.ts';
import { discoverTests, runTests } from '../server/protocol.ts';
import { messageOf } from './log.ts';
import type { PolicyServer } from './server-process.ts';
import { askForTrust } from './trust.ts';

export interface PolicyTests extends vscode.Disposable {
  /** Runs the tests of a file, or one by the name of its rule, as if it had been asked of the Test Explorer. */
  runIn(uri: string, test?: string): Promise<void>;
}

export function showTests(server: PolicyServer, log: vscode.LogOutputChannel): PolicyTests {
  const controller = vscode.tests.createTestController('countersign', vscode.l10n.t('Policy Tests'));

  async function discover(uri?: vscode.Uri): Promise<void> {
    const client = await server.ready();
    const params: DiscoverTestsParams = { uri: uri?.toString() };
    const { tests } = await client.sendRequest<DiscoverTestsResult>(discoverTests, params);
    if (uri) showFile(controller, uri.toString(), tests);
    else showAll(controller, tests);
  }

  const everything = oneAtATime(
    () => discover(),
    (error) => log.error(`Policy tests were not found: ${messageOf(error)}`),
  );
  /** Finds anew what the request runs as a whole, so that a test written just before runs with the others. */
  async function renew({ include }: vscode.TestRunRequest): Promise<void> {
    if (!include) return everything();
    const files = include.filter((item) => controller.items.get(item.id) === item);
    try {
      await Promise.all(files.map((file) => discover(file.uri)));
    } catch (error) {
      // The run that follows tells on each test what is wrong.
      log.error(`Policy tests were not found: ${messageOf(error)}`);
    }
  }

  let asked = false;
  controller.resolveHandler = async (item) => {
    asked = true;
    if (item?.uri) await discover(item.uri);
    else await everything();
  };
  controller.refreshHandler = everything;

  controller.createRunProfile(
    vscode.l10n.t('Run Policy Tests'),
    vscode.TestRunProfileKind.Run,
    async (request) => {
      await renew(request);
      await run(controller, server, request, log);
    },
    true,
  );
  async function runIn(uri: string, test?: string): Promise<void> {
    // What was not saved counts, too.
    await discover(vscode.Uri.parse(uri, true));
    asked = true;
    const file = controller.items.get(uri);
    const items: vscode.TestItem[] = [];
    file?.children.forEach((item) => {
      if (test === undefined || item.label === test) items.push(item);
    });
    if (!file || items.length === 0) {
      void vscode.window.showWarningMessage(vscode.l10n.t('There is no such test any more.'));
      return;
    }
    const request = new vscode.TestRunRequest(test === undefined ? [file] : items);
    await run(controller, server, request, log);
  }

  const listening = vscode.Disposable.from(
    controller,
    // Before the view has asked, nobody looks; the server is not woken for it either.
    server.onTestsChanged(() => {
      if (asked) void everything();
    }),
    // A test file that is opened shows its run buttons though the view was never opened.
    vscode.workspace.onDidOpenTextDocument((document) => {
      if (!asked && server.started && isTestFile(document.uri)) {
        asked = true;
        void everything();
      }
    }),
  );
  return { runIn, dispose: () => listening.dispose() };
}

function isTestFile({ path }: vscode.Uri): boolean {
  return /_test\.(rego|json|ya?ml)$/.test(path);
}

/** Calls that come while one is under way share one more call after it. */
function oneAtATime(work: () => Promise<void>, failed: (error: unknown) => void): () => Promise<void> {
  let running: Promise<void> | undefined;
  let next: Promise<void> | undefined;
  const start = (): Promise<void> => {
    running = work()
      .catch(failed)
      .finally(() => {
        running = undefined;
      });
    return running;
  };
  return () => {
    if (!running) return start();
    next ??= running.then(() => {
      next = undefined;
      return start();
    });
    return next;
  };
}

function showAll(controller: vscode.TestController, tests: readonly PolicyTest[]): void {
  const files = new Map<string, PolicyTest[]>();
  for (const test of tests) files.set(test.uri, [...(files.get(test.uri) ?? []), test]);
  for (const [id] of controller.items) if (!files.has(id)) controller.items.delete(id);
  for (const [uri, its] of files) showFile(controller, uri, its);
}

/** Puts a file's tests below its item; the items that stay keep their results. */
function showFile(controller: vscode.TestController, uri: string, tests: readonly PolicyTest[]): void {
  if (tests.length === 0) {
    controller.items.delete(uri);
    return;
  }
  const at = vscode.Uri.parse(uri, true);
  let file = controller.items.get(uri);
  if (!file) {
    file = controller.createTestItem(uri, vscode.workspace.asRelativePath(at), at);
    controller.items.add(file);
  }
  const known = file.children;
  known.replace(
    tests.map(({ id, label, range }) => {
      const item = known.get(id) ?? controller.createTestItem(id, label, at);
      item.label = label;
      item.range = toRange(range);
      return item;
    }),
  );
}

const toRange = ({ start, end }: PolicyTest['range']) =>
  new vscode.Range(start.line, start.character, end.line, end.character);

/** The tests that a request means: what it includes, less what it excludes, down to the single tests. */
function selected(controller: vscode.TestController, request: vscode.TestRunRequest): vscode.TestItem[] {
  const excluded = new Set(request.exclude);
  const found: vscode.TestItem[] = [];
  const collect = (item: vscode.TestItem) => {
    if (excluded.has(item)) return;
    // Files have no range, tests have.
    if (item.range) found.push(item);
    for (const [, child] of item.children) collect(child);
  };
  if (request.include) request.include.forEach(collect);
  else for (const [, item] of controller.items) collect(item);
  return found;
}

async function run(
  controller: vscode.TestController,
  server: PolicyServer,
  request: vscode.TestRunRequest,
  log: vscode.LogOutputChannel,
): Promise<void> {
  const waiting = new Map(selected(controller, request).map((item) => [item.id, item]));
  const run = controller.createTestRun(request);
  // Cancelled in the Test Explorer, whoever began it.
  const { token } = run;
  try {
    if (!vscode.workspace.isTrusted) {
      // Not awaited: the run is over, whenever that message is answered.
      void askForTrust(vscode.l10n.t('Running policy tests'));
      for (const item of waiting.values()) run.skipped(item);
      return;
    }
    for (const item of waiting.values()) run.started(item);
    const client = await server.ready();
    const params: RunTestsParams = { runId: randomUUID(), ids: [...waiting.keys()] };
    const listening = server.onTestResult((result) => {
      const item = waiting.get(result.id);
      if (result.runId !== params.runId || !item) return;
      waiting.delete(result.id);
      report(run, item, result);
    });
    try {
      const sum = await client.sendRequest<RunTestsResult>(runTests, params, token);
      log.info(
        `Policy tests: ${sum.passed} passed, ${sum.failed} failed, ${sum.errored} errored, ${sum.skipped} skipped`,
      );
    } finally {
      listening.dispose();
    }
    // A test without a result has not passed.
    for (const item of waiting.values()) run.errored(item, message(vscode.l10n.t('The test gave no result.'), item));
  } catch (error) {
    if (token.isCancellationRequested) {
      for (const item of waiting.values()) run.skipped(item);
      return;
    }
    log.error(`Policy tests did not run: ${messageOf(error)}`);
    for (const item of waiting.values()) run.errored(item, message(messageOf(error), item));
  } finally {
    run.end();
  }
}

function message(text: string, item: vscode.TestItem, location?: TestResultParams['location']): vscode.TestMessage {
  const it = new vscode.TestMessage(text);
  if (location) it.location = new vscode.Location(vscode.Uri.parse(location.uri, true), toRange(location.range));
  else if (item.uri && item.range) it.location = new vscode.Location(item.uri, item.range);
  return it;
}

function report(run: vscode.TestRun, item: vscode.TestItem, result: TestResultParams): void {
  // The terminal that shows the output wants carriage returns.
  if (result.output) run.appendOutput(`${result.output.replace(/\r?\n/g, '\r\n')}\r\n`, undefined, item);
  const text = result.message ?? result.outcome;
  switch (result.outcome) {
    case 'pass':
      run.passed(item, result.durationMs);
      break;
    case 'fail':
      run.failed(item, message(text, item, result.location), result.durationMs);
      break;
    case 'error':
      run.errored(item, message(text, item, result.location), result.durationMs);
      break;
    case 'skip':
      run.skipped(item);
      break;
  }
}
