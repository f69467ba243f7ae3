/** One message as the features see it: its text, what is known beside it, and what was found and decided. */
import type { Document } from '../snapshot.ts';
import type { Finding, MessageFacts } from './finding.ts';
import type { RuleSource } from './rules.ts';
import type { MessageText } from './text.ts';
import type { Judgement } from './verdict.ts';

export interface MessageView {
  document: Document;
  /** URI of the repository's top folder. */
  repository: string;
  text: MessageText;
  facts: MessageFacts;
  /** What the server found by itself, without what the policy overruled. */
  findings: readonly Finding[];
  /** What the policy said last, of this text or an earlier one. */
  judgement?: Judgement;
  /** Whether the policy will be asked: not in workspaces that are not trusted. */
  judges: boolean;
  /** The rules of the policies that judge, with their places. */
  rules: readonly RuleSource[];
}
