/**
 * GitLab's Code Quality report (docs.gitlab.com/ci/testing/code_quality, "Code Quality report
 * format"), a subset of Code Climate's: GitLab shows new and fixed findings in the merge request.
 */
import { oneLine, printable, wellFormed } from '../printable.ts';
import { fingerprinted } from './fingerprint.ts';
import { type GateResult, placeOfFinding } from './gate-result.ts';
import { jsonText } from './json.ts';

/** A list of findings; each has a path, since GitLab drops those that have none. */
export function gitlabCodeQualityReport(result: GateResult): string {
  return jsonText(
    fingerprinted(result).map(({ finding, fingerprint }) => {
      const { violation, commit, level } = finding;
      const place = placeOfFinding(result, finding);
      const about = commit ? `${commit.sha.slice(0, 10)} ${oneLine(commit.subject)}: ` : '';
      const field = violation.field === undefined ? '' : `${printable(violation.field)}: `;
      const body = [violation.msg, ...(violation.fix === undefined ? [] : [`Fix: ${violation.fix}`])].map(printable);
      return {
        type: 'issue',
        check_name: `countersign/${oneLine(violation.rule)}`,
        description: oneLine(`${about}${field}${violation.msg}`),
        content: { body: body.join('\n\n') },
        severity: level === 'deny' ? 'critical' : 'minor',
        fingerprint,
        location: {
          path: place === undefined ? '.countersign/config.yaml' : wellFormed(place.path),
          lines: { begin: place?.line ?? 1 },
        },
      };
    }),
  );
}
