/**
 * The shared step, for scripted and declarative pipelines:
 *
 *     @Library('countersign@v0.1.0') _            // library path: templates/jenkins
 *     pipeline {
 *       agent any
 *       stages {
 *         stage('Countersign') {
 *           steps { countersign(forge: 'github', credentialsId: 'github-read') }
 *         }
 *       }
 *     }
 *
 * Jenkins takes a library from its own configuration, not from the change. The step fails the build
 * unless the verdict is allow; the reports are kept either way.
 *
 *   command        'gate' (default) or 'exceptions'
 *   packageName    what npm installs, in one exact version: the library's own when absent
 *   integrity      the sha512-… that it must have
 *   forge          'github' or 'gitlab': where reviews and labels are read; no forge is asked when absent
 *   credentialsId  a secret text: the forge's token
 *   comment        true: keep one comment on the change request
 *   issue          true: keep one issue of follow-ups
 *   before         what a branch was when it was judged last, where Jenkins does not set
 *                  GIT_PREVIOUS_SUCCESSFUL_COMMIT: scripted pipelines get it from `checkout scm`
 *   arguments      a list of further arguments
 */
def call(Map options = [:]) {
  def forge = options.forge ?: ''
  if (!(forge in ['', 'github', 'gitlab'])) {
    error "countersign: forge is 'github' or 'gitlab', not '${forge}'"
  }
  def command = options.command ?: 'gate'
  def arguments = []
  if (command == 'gate') {
    arguments += ['gate', '--format', 'text', '--format', 'junit=countersign-report/junit.xml']
    arguments += ['--format', 'sarif=countersign-report/gate.sarif']
    arguments += ['--decision-log', 'countersign-report/decisions.jsonl']
    if (forge) { arguments += ['--facts', forge] }
    if (forge && options.comment) { arguments += ['--comment', forge] }
  } else if (command == 'exceptions') {
    arguments += ['exception', 'due']
    if (forge && options.issue) { arguments += ['--issue', forge] }
  } else {
    error "countersign: command is 'gate' or 'exceptions', not '${command}'"
  }
  arguments += (options.arguments ?: [])
  def token = forge == 'gitlab' ? 'GITLAB_TOKEN' : 'GITHUB_TOKEN'
  def bindings = options.credentialsId ? [string(credentialsId: options.credentialsId, variable: token)] : []

  def before = options.before ?: env.GIT_PREVIOUS_SUCCESSFUL_COMMIT ?: ''

  // Variables and a file: what an option holds is never read as shell.
  sh 'rm -rf countersign-report && mkdir countersign-report'
  writeFile file: 'countersign-report/arguments', text: arguments.join('\n') + '\n'
  try {
    withEnv([
      "COUNTERSIGN_PACKAGE=${options.packageName ?: 'countersign@0.1.0'}",
      "COUNTERSIGN_INTEGRITY=${options.integrity ?: ''}",
      "GIT_PREVIOUS_SUCCESSFUL_COMMIT=${before}"
    ]) {
      withCredentials(bindings) {
        sh '''
          set -eu
          tools=$(mktemp -d)
          trap 'rm -rf "$tools"' EXIT
          echo '{ "private": true }' >"$tools/package.json"
          (cd "$tools" && npm install --ignore-scripts --no-audit --no-fund --loglevel=error "$COUNTERSIGN_PACKAGE") >&2 || {
            echo "Could not decide: $COUNTERSIGN_PACKAGE could not be installed." >&2
            exit 3
          }
          if [ -n "$COUNTERSIGN_INTEGRITY" ]; then
            found=$(cd "$tools" && node -p 'require("./package-lock.json").packages["node_modules/countersign"].integrity')
            if [ "$found" != "$COUNTERSIGN_INTEGRITY" ]; then
              echo "Could not decide: $COUNTERSIGN_PACKAGE is $found, not $COUNTERSIGN_INTEGRITY." >&2
              exit 3
            fi
          fi
          if [ -z "${CHANGE_ID:-}" ] && [ -z "${GIT_PREVIOUS_SUCCESSFUL_COMMIT:-}" ]; then
            echo "No build of this branch has passed yet: what its newest commit brought is judged."
            GIT_PREVIOUS_SUCCESSFUL_COMMIT=$(git rev-parse HEAD^1)
            export GIT_PREVIOUS_SUCCESSFUL_COMMIT
          fi
          set --
          while IFS= read -r argument; do set -- "$@" "$argument"; done <countersign-report/arguments
          "$tools/node_modules/.bin/countersign" "$@"
        '''
      }
    }
  } finally {
    if (command == 'gate') {
      junit testResults: 'countersign-report/junit.xml', allowEmptyResults: true
      archiveArtifacts artifacts: 'countersign-report/*', allowEmptyArchive: true
    }
  }
}
