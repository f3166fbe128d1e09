import assert from 'node:assert/strict';
import { test } from 'node:test';
import { encodeMessage, encodePlace, encodeRetry } from '../../src/feed/sse.ts';
import { openEventLines } from './event-lines.ts';

const stream = [
  encodeRetry(1_500),
  ': heartbeat\n\n',
  encodeMessage({ id: '1.2.3', event: 'deposit.created', data: 'one\r\ntwo: ä✓' }),
  encodePlace('1.2.9'),
  'data\nid\n\n',
  'id: 7\r\ndata:x\r\n\r\n',
  'data: cr\r\r',
  'unknown: field\ndata: whole\n\n',
  'data: half',
].join('');

const wanted = [
  { kind: 'retry', ms: 1_500 },
  { kind: 'moved', id: '0' },
  { kind: 'alive' },
  { kind: 'moved', id: '0' },
  { kind: 'event', event: { id: '1.2.3', type: 'deposit.created', data: 'one\ntwo: ä✓' } },
  { kind: 'moved', id: '1.2.9' },
  { kind: 'event', event: { id: '', type: 'message', data: '' } },
  { kind: 'event', event: { id: '7', type: 'message', data: 'x' } },
  { kind: 'event', event: { id: '7', type: 'message', data: 'cr' } },
  { kind: 'event', event: { id: '7', type: 'message', data: 'whole' } },
];

test('a stream is the same in whatever pieces it arrives, and half an event is none', () => {
  for (let length = 1; length <= stream.length; length++) {
    const read = openEventLines('0');
    const sent = [];
    for (let at = 0; at < stream.length; at += length)
      sent.push(...read(stream.slice(at, at + length)));
    assert.deepEqual(sent, wanted, `pieces of ${length}`);
  }
});
