/** In the extension host: every feature for Rego once, as VS Code asks for it. */

import { runTests } from '../suite.ts';
import { regoActions } from './rego-actions.ts';
import { regoEditing } from './rego-editing.ts';
import { regoEvaluation } from './rego-evaluation.ts';
import { regoFiles } from './rego-files.ts';
import { regoNavigation } from './rego-navigation.ts';
import { writeModules } from './rego-workspace.ts';
import { extension, picture } from './window.ts';

export async function run(): Promise<void> {
  writeModules();
  await extension();
  await runTests({ ...regoNavigation, ...regoEditing, ...regoActions, ...regoFiles, ...regoEvaluation }, { picture });
}
