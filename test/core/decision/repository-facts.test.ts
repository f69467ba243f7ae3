import assert from 'node:assert/strict';
import { test } from 'node:test';
import { repositoryOfUrl } from '../../../core/decision/repository-facts.ts';
import type { Repository } from '../../../core/input.ts';

const urls: [url: string, expected: Repository | undefined][] = [
  ['https://git.example.com/team/app.git', { host: 'git.example.com', owner: 'team', name: 'app' }],
  ['https://user:secret@Git.Example.com:8443/team/app/', { host: 'git.example.com', owner: 'team', name: 'app' }],
  ['git@git.example.com:team/app.git', { host: 'git.example.com', owner: 'team', name: 'app' }],
  ['git.example.com:app', { host: 'git.example.com', name: 'app' }],
  ['ssh://git@git.example.com:2222/group/sub/app.git', { host: 'git.example.com', owner: 'group/sub', name: 'app' }],
  ['git://git.example.com/app.git', { host: 'git.example.com', name: 'app' }],
  ['https://[2001:db8::1]/team/app', { host: '[2001:db8::1]', owner: 'team', name: 'app' }],
  ['/srv/git/app.git', undefined],
  ['../app', undefined],
  ['file:///srv/git/app.git', undefined],
  ['C:\\git\\app', undefined],
  ['C:/git/app', undefined],
  ['', undefined],
  ['https://git.example.com/', undefined],
];
for (const [url, expected] of urls) {
  test(`the repository that ${JSON.stringify(url)} names`, () => assert.deepEqual(repositoryOfUrl(url), expected));
}
