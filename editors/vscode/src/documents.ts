/** What the server answers, in its own field names (docs/reference/openapi.json). */

export interface Verdict {
  state: string;
  reason: string;
}

/** Lines [first, last), counted from 0, become `text`. */
export interface Edit {
  first: number;
  last: number;
  text: string;
}

export interface Proposal {
  text: string;
  diff: string;
  edits: Edit[];
  idea: string;
  verdict: Verdict;
  passed: number;
  examples: number;
  ran: number;
  inputs: number;
  alike: number;
  complexity: string;
  measured_by: string;
  claimed: string;
  first_failure: string;
  unrun: string;
}

export interface Completion {
  path: string;
  line: number;
  todo: string;
  proposals: Proposal[];
  refused: string[];
  candidates: number;
  tokens: number;
  seconds: number;
  stopped: boolean;
}

export interface Step {
  text: string;
  state: "holds" | "fails" | "unchecked";
  reason: string;
  /** Characters as Python counts them: code points. */
  start: number;
  end: number;
}

export interface StepReport {
  steps: Step[];
  coverage: number;
  first_wrong: number | null;
}

export interface Exercise {
  id: string;
  subject: string;
  title: string;
  statement: string;
  /** The languages that a submission may be in; none where no program is asked for. */
  programs: string[];
}

export interface Comment {
  line: number;
  text: string;
  opinion: boolean;
}

export interface Graded {
  passed?: boolean;
  verdict: string | Verdict;
  comments?: Comment[];
  tests?: { number: number; verdict: string; call: string; reason: string }[];
  growth?: { measured: { law: string; by: string } | null };
  steps?: Step[];
  first_wrong?: number | null;
}

export interface ServerEvent {
  name: string;
  data: unknown;
}

export interface Started {
  id: string;
}

export interface Notice {
  text: string;
}

export interface Piece {
  sample: number;
  kind: "reasoning" | "derivation";
  text: string;
  tokens: number;
}

export interface Trial {
  sample: number;
  passed: number;
  examples: number;
  first_failure: string;
}
