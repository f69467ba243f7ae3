import * as vscode from 'vscode';
import { policyDocuments } from './documents.ts';
import type { EngineState, PolicyServer } from './server-process.ts';

interface Look {
  icon: string;
  text: string;
  severity: vscode.LanguageStatusSeverity;
}

function lookOf(state: EngineState): Look {
  const { Error: bad, Information: fine, Warning: odd } = vscode.LanguageStatusSeverity;
  switch (state.engine) {
    case 'idle':
      return { icon: 'verified', text: vscode.l10n.t('policy engine starts when it is needed'), severity: fine };
    case 'starting':
      return { icon: 'sync~spin', text: vscode.l10n.t('policy engine is starting'), severity: fine };
    case 'ready':
      return {
        icon: 'verified',
        text: state.build
          ? vscode.l10n.t('policy engine is ready ({0} build)', state.build)
          : vscode.l10n.t('policy engine is ready'),
        severity: fine,
      };
    case 'restarted':
      return { icon: 'warning', text: vscode.l10n.t('policy engine was restarted'), severity: odd };
    case 'failed':
      return {
        icon: 'error',
        text: state.message
          ? vscode.l10n.t('policy engine failed: {0}', state.message)
          : vscode.l10n.t('policy engine failed'),
        severity: bad,
      };
  }
}

/**
 * The engine's state: in the language status of policy documents, and in the status bar while the
 * server runs. Restricted Mode is said, too, since decisions and tests are off in it.
 */
export function showStatus(server: PolicyServer): vscode.Disposable {
  const showLog = { command: 'countersign.showLog', title: vscode.l10n.t('Show Log') };
  const language = vscode.languages.createLanguageStatusItem('countersign', policyDocuments);
  language.name = 'Countersign';
  language.command = showLog;
  const bar = vscode.window.createStatusBarItem('countersign', vscode.StatusBarAlignment.Right, 50);
  bar.name = 'Countersign';
  bar.command = showLog.command;
  let last: EngineState = { engine: 'idle' };

  function draw(): void {
    const { icon, text, severity } = lookOf(last);
    const restricted = !vscode.workspace.isTrusted;
    const all = restricted ? vscode.l10n.t('{0}; Restricted Mode: no tests, no commit checks', text) : text;
    language.text = `$(${restricted && severity === vscode.LanguageStatusSeverity.Information ? 'shield' : icon}) Countersign`;
    language.detail = all;
    language.severity = severity;
    language.busy = last.engine === 'starting';
    language.accessibilityInformation = { label: `Countersign: ${all}`, role: 'button' };
    bar.text = language.text;
    bar.tooltip = `Countersign: ${all}`;
    bar.accessibilityInformation = language.accessibilityInformation;
    bar.backgroundColor =
      severity === vscode.LanguageStatusSeverity.Error
        ? new vscode.ThemeColor('statusBarItem.errorBackground')
        : undefined;
  }

  draw();
  return vscode.Disposable.from(
    language,
    bar,
    vscode.workspace.onDidGrantWorkspaceTrust(draw),
    server.onStatus((state) => {
      last = state;
      draw();
      bar.show();
    }),
  );
}
