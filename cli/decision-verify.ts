/** `countersign decision verify`. */
import { type Finding, type Verified, verifyLogs } from '../core/decision/log/verify.ts';
import { jsonText } from '../core/report/json.ts';
import { exitCodes, UsageError } from './exit.ts';
import type { Format } from './options.ts';
import { block, count, printable, stderr, stdout } from './terminal.ts';

export interface VerifyOptions {
  expect?: string[];
  from?: string;
  format: Format;
}

export async function verifyDecisions(files: string[], options: VerifyOptions): Promise<void> {
  for (const digest of [...(options.expect ?? []), ...(options.from ? [options.from] : [])]) {
    if (!/^sha256:[0-9a-f]{64}$/.test(digest)) {
      throw new UsageError(`${JSON.stringify(digest)} is no digest: it is written sha256: and 64 hexadecimal digits.`);
    }
  }
  const verified = await verifyLogs(files, options);
  if (options.format === 'json') stdout.write(jsonText(verified));
  else report(verified);
  if (verified.findings.length > 0) process.exitCode = exitCodes.denied;
}

function report({ findings, notes, records, heads }: Verified): void {
  for (const note of notes) stderr.write(`${placed(note, 'yellow', 'note')}\n`);
  for (const finding of findings) stdout.write(`${placed(finding, 'red', 'error')}\n`);
  for (const { id, sequence, digest } of heads) {
    stdout.write(`chain ${printable(id)}: up to record ${sequence}, ${printable(digest)}\n`);
  }
  const what = `${count(records, 'record')} read`;
  stdout.write(
    findings.length === 0 ? `Whole: ${what}.\n` : `Not whole: ${count(findings.length, 'finding')}, ${what}.\n`,
  );
}

function placed({ file, line, message }: Finding, colour: 'red' | 'yellow', level: string): string {
  return `${stdout.style('bold', `${printable(file)}:${line}`)}: ${stdout.style(colour, level)}: ${block(message, '    ')}`;
}
