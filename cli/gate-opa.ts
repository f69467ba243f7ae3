/** The options that let an OPA server decide. */
import { type Command, Option } from 'commander';
import type { Prepared } from '../core/decision/decide.ts';
import { UsageError } from './exit.ts';
import { block, stderr } from './terminal.ts';

export interface OpaOptions {
  opaUrl?: string;
  opaCa?: string;
  opaCert?: string;
  opaKey?: string;
}

/** Adds the options to a command. */
export function withOpaOptions(command: Command): Command {
  return command
    .addOption(
      new Option(
        '--opa-url <url>',
        'an OPA server decides: its address, or a document in it (default: …/v1/data/countersign); COUNTERSIGN_OPA_TOKEN is its bearer token',
      ),
    )
    .option('--opa-ca <file>', 'whom the server must be certified by (PEM)')
    .option('--opa-cert <file>', 'the certificate to show to the server (PEM)')
    .option('--opa-key <file>', 'its private key (PEM)');
}

/** The server's judgement in place of the engine's, where there is one. Rejects with {@link UsageError}. */
export async function decidedBy(prepared: Prepared, options: OpaOptions): Promise<Prepared> {
  const { opaUrl, opaCa, opaCert, opaKey } = options;
  if (opaUrl === undefined) {
    if (opaCa ?? opaCert ?? opaKey)
      throw new UsageError('Certificates are for a server: give its address with --opa-url.');
    return prepared;
  }
  if ((opaCert === undefined) !== (opaKey === undefined)) {
    throw new UsageError('--opa-cert and --opa-key go together: the certificate and its private key.');
  }
  const [{ documentAddress, remotely }, { isLoopback }] = await Promise.all([
    import('../core/decision/remote-opa.ts'),
    import('../core/http-client.ts'),
  ]);
  const url = documentAddress(opaUrl);
  if (url === undefined) {
    throw new UsageError(
      '--opa-url is an address such as https://opa.example.com/v1/data/team, without credentials or query.',
    );
  }
  const { protocol, hostname } = new URL(url);
  if (protocol === 'http:' && !isLoopback(hostname)) {
    const text = `${hostname} is asked over plain HTTP: whoever is on the way can decide in its place. Use https.`;
    stderr.write(`${stderr.style('yellow', 'note')}: ${block(text, '      ')}\n`);
  }
  const [ca, cert, key] = await Promise.all([opaCa, opaCert, opaKey].map(readPem));
  const tls = { ...(ca !== undefined && { ca }), ...(cert !== undefined && { cert, key }) };
  const { COUNTERSIGN_OPA_TOKEN: token } = process.env;
  return remotely(prepared, { url, ...(token && { token }), ...(Object.keys(tls).length > 0 && { tls }) });
}

async function readPem(file: string | undefined): Promise<string | undefined> {
  if (file === undefined) return undefined;
  const { readFile } = await import('node:fs/promises');
  return readFile(file, 'utf8').catch((error: NodeJS.ErrnoException) => {
    throw new UsageError(`${file} cannot be read: ${error.code}.`);
  });
}
