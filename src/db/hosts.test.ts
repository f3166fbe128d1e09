import assert from 'node:assert/strict';
import { test } from 'node:test';
import { StartRefused } from '../refused.ts';
import { listServers } from './hosts.ts';

test('each server of a URL gets a URL of its own, with everything else as it was', () => {
  const cases: readonly (readonly [string, readonly string[]])[] = [
    ['postgres://a:b@one:5432/books', ['postgres://a:b@one:5432/books']],
    [
      'postgres://a:b@one:5432,two:5433/books?target_session_attrs=read-write&sslmode=verify-full',
      [
        'postgres://a:b@one:5432/books?sslmode=verify-full',
        'postgres://a:b@two:5433/books?sslmode=verify-full',
      ],
    ],
    [
      'postgresql://one,[::1]:6000/books',
      ['postgresql://one/books', 'postgresql://[::1]:6000/books'],
    ],
    ['postgres://a@one/books?x=p@q', ['postgres://a@one/books?x=p%40q']],
    ['postgres://one/books?target_session_attrs=any', ['postgres://one/books']],
    ['postgres:///books?host=/run/postgresql', ['postgres:///books?host=%2Frun%2Fpostgresql']],
  ];
  for (const [url, servers] of cases) assert.deepEqual(listServers(url), servers, url);
});

test('a URL that would take the time limits from us, or reads from a standby, stops the start', () => {
  const cases: readonly (readonly [string, RegExp])[] = [
    ['mysql://one/books', /no postgres:/],
    ['postgres://one:x,two/books', /host:port/],
    ['postgres://one,,two/books', /host:port/],
    ['postgres://one/books?statement_timeout=5', /sets statement_timeout/],
    ['postgres://one/books?idle_in_transaction_session_timeout=5', /sets idle_in/],
    ['postgres://one,two/books?target_session_attrs=any', /needs read-write/],
    ['postgres://one/books?target_session_attrs=standby', /needs read-write/],
  ];
  for (const [url, sentence] of cases)
    assert.throws(
      () => listServers(url),
      (error) => error instanceof StartRefused && sentence.test(error.message),
      url,
    );
});
