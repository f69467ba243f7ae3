/** What conftest tells its policies beside the input. */
import type { WorkspaceFile } from '../../engine/protocol.ts';

/**
 * Adds `data.conftest.file` for policies that name it: without it a rule that only mentions the file in its
 * message would not hold. The input is no file; it goes by the name that conftest has for its standard input.
 */
export function withConftestFile(files: WorkspaceFile[]): WorkspaceFile[] {
  const asked = files.some(({ kind, text }) => kind === 'module' && /\bdata\.conftest\b/.test(text));
  if (!asked) return files;
  const text = JSON.stringify({ conftest: { file: { name: '-', dir: '.' } } });
  return [...files, { path: 'conftest/file.json', kind: 'data', at: [], text }];
}
