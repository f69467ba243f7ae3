/**
 * The variables by which agents tell the processes they start that an agent started them. Only
 * those that an agent sets for what it runs; those that a whole editor's terminals have
 * (`CURSOR_TRACE_ID`, `TERM_PROGRAM`, `REPL_ID`) say nothing of who typed the command, and those that
 * configure an agent (`AIDER_…`, `COPILOT_MODEL`) say nothing of its running.
 */

export interface AgentVariable {
  /** What people call the agent. */
  agent: string;
  /** What tools call it: in `AI_AGENT`, and in a declaration. */
  tool: string;
  variable: string;
  /** The value that counts; any that is not empty when absent. */
  value?: string;
  /** The variable with the id of the agent's session, when there is one. */
  session?: string;
  /** Where this is documented, or the agent's source that sets it. */
  source: string;
}

export const agentVariables: readonly AgentVariable[] = [
  {
    agent: 'Claude Code',
    tool: 'claude-code',
    variable: 'CLAUDECODE',
    value: '1',
    session: 'CLAUDE_CODE_SESSION_ID',
    source: 'https://code.claude.com/docs/en/env-vars',
  },
  {
    agent: 'OpenAI Codex',
    tool: 'codex',
    variable: 'CODEX_THREAD_ID',
    session: 'CODEX_THREAD_ID',
    source: 'https://github.com/openai/codex/blob/main/codex-rs/protocol/src/shell_environment.rs',
  },
  {
    agent: 'OpenAI Codex',
    tool: 'codex',
    variable: 'CODEX_SANDBOX',
    source: 'https://github.com/openai/codex/blob/main/AGENTS.md',
  },
  {
    agent: 'Gemini CLI',
    tool: 'gemini-cli',
    variable: 'GEMINI_CLI',
    value: '1',
    source: 'https://github.com/google-gemini/gemini-cli/blob/main/packages/core/src/services/shellExecutionService.ts',
  },
  {
    agent: 'GitHub Copilot CLI',
    tool: 'copilot-cli',
    variable: 'COPILOT_CLI',
    value: '1',
    session: 'COPILOT_AGENT_SESSION_ID',
    source: 'https://docs.github.com/en/copilot/reference/copilot-cli-reference/cli-command-reference',
  },
  {
    agent: 'Cursor',
    tool: 'cursor',
    variable: 'CURSOR_AGENT',
    source: 'https://github.com/vercel/vercel/blob/main/packages/detect-agent/src/index.ts',
  },
  {
    agent: 'opencode',
    tool: 'opencode',
    variable: 'OPENCODE',
    value: '1',
    source: 'https://github.com/sst/opencode/blob/dev/packages/opencode/src/index.ts',
  },
  {
    agent: 'Goose',
    tool: 'goose',
    variable: 'GOOSE_TERMINAL',
    value: '1',
    session: 'AGENT_SESSION_ID',
    source: 'https://github.com/block/goose/blob/main/crates/goose-mcp/src/developer',
  },
  {
    agent: 'Amp',
    tool: 'amp',
    variable: 'AMP_CURRENT_THREAD_ID',
    session: 'AMP_CURRENT_THREAD_ID',
    source: 'https://github.com/ascorbic/am-i-vibing/blob/main/packages/am-i-vibing/src/providers.ts',
  },
  {
    agent: 'Crush',
    tool: 'crush',
    variable: 'CRUSH',
    value: '1',
    source: 'https://github.com/charmbracelet/crush/blob/main/internal/shell/shell.go',
  },
  {
    agent: 'Qwen Code',
    tool: 'qwen-code',
    variable: 'QWEN_CODE',
    value: '1',
    source: 'https://github.com/QwenLM/qwen-code/blob/main/packages/core/src/services/shellExecutionService.ts',
  },
  {
    agent: 'Auggie',
    tool: 'auggie',
    variable: 'AUGMENT_AGENT',
    value: '1',
    source: 'https://github.com/ascorbic/am-i-vibing/blob/main/packages/am-i-vibing/src/providers.ts',
  },
  {
    agent: 'Cline',
    tool: 'cline',
    variable: 'CLINE_ACTIVE',
    value: 'true',
    source: 'https://github.com/cline/cline/discussions/5366',
  },
  {
    agent: 'Warp',
    tool: 'warp',
    variable: 'OZ_RUN_ID',
    session: 'OZ_RUN_ID',
    source: 'https://github.com/warpdotdev/warp/blob/master/crates/warp_cli/src/lib.rs',
  },
  {
    agent: 'Pi',
    tool: 'pi',
    variable: 'PI_CODING_AGENT',
    value: 'true',
    source: 'https://github.com/earendil-works/pi/blob/main/packages/coding-agent/src/cli.ts',
  },
];

/**
 * Variables that name the agent: `AI_AGENT=name` (https://github.com/vercel/vercel/tree/main/packages/detect-agent)
 * and `AGENT=name` (https://github.com/agentsmd/agents.md/issues/136). The second is in use for
 * other things, too, and counts only with the name of an agent of the table.
 */
export const namingVariables = ['AI_AGENT', 'AGENT'] as const;

/** What people call an agent that a tool's name means; the name itself for others. */
export function agentName(tool: string): string {
  return agentVariables.find((one) => one.tool === tool.toLowerCase())?.agent ?? tool;
}
