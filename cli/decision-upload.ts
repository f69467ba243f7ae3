/** `countersign decision upload`. */
import { UploadError, uploadLogs } from '../core/decision/log/upload.ts';
import { exitCodes } from './exit.ts';
import { block, count, stderr, stdout } from './terminal.ts';

export interface UploadOptions {
  to: string;
  partition?: string;
  tokenEnv: string;
  limit: number;
  giveUpAfter: number;
  timeout: number;
}

export async function uploadDecisions(files: string[], options: UploadOptions): Promise<void> {
  const token = process.env[options.tokenEnv] || undefined;
  try {
    const { sent, skipped, requests } = await uploadLogs(files, {
      to: options.to,
      ...(options.partition !== undefined && { partition: options.partition }),
      ...(token !== undefined && { token }),
      limitBytes: options.limit,
      timeoutMs: options.timeout * 1000,
      giveUpMs: options.giveUpAfter * 1000,
      waiting: (why, ms) => stderr.write(`${block(why, '  ')}; again in ${(ms / 1000).toFixed(1)} s\n`),
    });
    const before = skipped > 0 ? `, ${count(skipped, 'record')} sent before` : '';
    stdout.write(`Sent ${count(sent, 'record')} in ${count(requests, 'request')}${before}.\n`);
  } catch (error) {
    if (!(error instanceof UploadError)) throw error;
    stderr.write(`${stderr.style(['red', 'bold'], 'error')}: ${block(error.message, '  ')}\n`);
    process.exitCode = error.kind === 'refused' ? exitCodes.usage : exitCodes.undecided;
  }
}
