/**
 * Azure Pipelines' logging commands (learn.microsoft.com, "Logging commands"). Escaping as
 * github.com/microsoft/azure-pipelines-agent undoes it (src/Microsoft.VisualStudio.Services.Agent/Command.cs):
 * a percent sign is `%AZP25`.
 */
import { oneLine, printable } from '../printable.ts';
import { type Finding, findingsOf, type GateResult, placeOfFinding } from './gate-result.ts';

/** An issue for each violation, a line each; when there are only warnings, the task's result says so. */
export function azureReport(result: GateResult): string {
  const findings = findingsOf(result.verdict);
  const lines = findings.map((finding) => issue(result, finding));
  if (result.verdict.result === 'allow' && findings.length > 0) {
    lines.push('##vso[task.complete result=SucceededWithIssues;]The policies warn.');
  }
  return lines.map((line) => `${line}\n`).join('');
}

function issue(result: GateResult, finding: Finding): string {
  const { violation, commit, level } = finding;
  const place = placeOfFinding(result, finding);
  const properties: Record<string, string> = {
    type: level === 'deny' ? 'error' : 'warning',
    ...(place && { sourcepath: printable(place.path), linenumber: String(place.line ?? 1) }),
    code: `countersign/${oneLine(violation.rule)}`,
  };
  const list = Object.entries(properties).map(([key, value]) => `${key}=${escapedProperty(value)};`);
  const about = commit ? `${commit.sha.slice(0, 10)} ${oneLine(commit.subject)}: ` : '';
  const field = violation.field === undefined ? '' : `${printable(violation.field)}: `;
  const fix = violation.fix === undefined ? '' : ` Fix: ${printable(violation.fix)}`;
  return `##vso[task.logissue ${list.join('')}]${escapedData(`${about}${field}${printable(violation.msg)}${fix}`)}`;
}

function escapedData(text: string): string {
  return text.replaceAll('%', '%AZP25').replaceAll('\r', '%0D').replaceAll('\n', '%0A');
}

function escapedProperty(text: string): string {
  return escapedData(text).replaceAll(';', '%3B').replaceAll(']', '%5D');
}
