import assert from 'node:assert/strict';
import { describe, test } from 'node:test';
import { parseRedisUrl } from './address.ts';

const nobody = { username: '', password: '', isTls: false, database: 0 };

describe('an address of Redis', () => {
  const addresses: readonly (readonly [string, ReturnType<typeof parseRedisUrl>])[] = [
    ['redis://cache', { kind: 'single', host: { host: 'cache', port: 6379 }, ...nobody }],
    ['redis://cache:7000/', { kind: 'single', host: { host: 'cache', port: 7000 }, ...nobody }],
    [
      'rediss://user:p%40ss%3A@[::1]:6380/3',
      {
        kind: 'single',
        host: { host: '::1', port: 6380 },
        ...{ username: 'user', password: 'p@ss:', isTls: true, database: 3 },
      },
    ],
    [
      'rediss+cluster://:secret@a:7000,b,c:7002',
      {
        kind: 'cluster',
        hosts: [
          { host: 'a', port: 7000 },
          { host: 'b', port: 6379 },
          { host: 'c', port: 7002 },
        ],
        ...{ username: '', password: 'secret', isTls: true, database: 0 },
      },
    ],
    [
      'redis+sentinel://one,two:26380/payments/2',
      {
        kind: 'sentinel',
        masterName: 'payments',
        hosts: [
          { host: 'one', port: 26_379 },
          { host: 'two', port: 26_380 },
        ],
        ...{ ...nobody, database: 2 },
      },
    ],
  ];
  for (const [url, address] of addresses)
    test(`${url} is understood`, () => assert.deepEqual(parseRedisUrl(url), address));

  const refused: readonly (readonly [string, RegExp])[] = [
    ['', /must look like/],
    ['http://cache', /must look like/],
    ['redis://', /must look like/],
    ['redis+other://cache', /must look like/],
    ['redis://a,b', /several hosts/],
    ['redis://cache:0', /not host:port/],
    ['redis://cache:65536', /not host:port/],
    ['redis://ca che', /not host:port/],
    ['redis+cluster://a,,b', /not host:port/],
    ['redis+cluster://a,b/1', /a Cluster has only 0/],
    ['redis+sentinel://a,b', /no master/],
    ['redis+sentinel://a,b/name/x', /database "x"/],
    ['redis://:%zz@cache', /broken %-escape/],
  ];
  for (const [url, sentence] of refused)
    test(`"${url}" is refused`, () => {
      const parsed = parseRedisUrl(url);
      assert.match('fault' in parsed ? parsed.fault : 'taken', sentence);
    });
});
