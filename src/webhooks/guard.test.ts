import assert from 'node:assert/strict';
import { test } from 'node:test';
import { kindOfAddress } from './addresses.ts';
import { openGuard, type ResolveName } from './guard.ts';

const nobody: ResolveName = async () => [];
const strict = { allowHttp: false, allowLoopback: false, ports: [443, 80] };
const guard = openGuard({ ...strict, allowHttp: true }, nobody);

const internal = [
  ['loopback', 'http://127.0.0.1/'],
  ['loopback at its end', 'http://127.255.255.254/'],
  ['a decimal number', 'http://2130706433/'],
  ['hexadecimal', 'http://0x7f.1/'],
  ['octal', 'http://0177.0.0.1/'],
  ['circled digits', 'http://①②⑦.0.0.1/'],
  ['full stops of another script', 'http://127。0。0。1/'],
  ['percent signs', 'http://%31%32%37.0.0.1/'],
  ['one part', 'http://127.1/'],
  ['this network', 'http://0.0.0.0/'],
  ['nothing but zero', 'http://0/'],
  ['private 10/8', 'http://10.0.0.1/'],
  ['private 172.16/12', 'http://172.31.255.255/'],
  ['private 192.168/16', 'http://192.168.1.1/'],
  ['link-local, where clouds keep their credentials', 'http://169.254.169.254/latest/meta-data/'],
  ['carrier-grade NAT', 'http://100.64.0.1/'],
  ['protocol assignments', 'http://192.0.0.8/'],
  ['documentation', 'http://192.0.2.1/'],
  ['documentation 2', 'http://198.51.100.1/'],
  ['documentation 3', 'http://203.0.113.9/'],
  ['6to4 relays', 'http://192.88.99.1/'],
  ['benchmarks', 'http://198.19.255.255/'],
  ['multicast', 'http://224.0.0.1/'],
  ['reserved', 'http://240.0.0.1/'],
  ['broadcast', 'http://255.255.255.255/'],
  ['IPv6 loopback', 'http://[::1]/'],
  ['IPv6 loopback, written out', 'http://[0:0:0:0:0:0:0:1]/'],
  ['IPv6 unspecified', 'http://[::]/'],
  ['IPv4 mapped', 'http://[::ffff:127.0.0.1]/'],
  ['IPv4 mapped in hexadecimal', 'http://[::ffff:7f00:1]/'],
  ['a public address, mapped', 'http://[::ffff:8.8.8.8]/'],
  ['IPv4 compatible', 'http://[::127.0.0.1]/'],
  ['NAT64', 'http://[64:ff9b::7f00:1]/'],
  ['local NAT64', 'http://[64:ff9b:1::a00:1]/'],
  ['6to4', 'http://[2002:7f00:1::]/'],
  ['Teredo', 'http://[2001:0:7f00:1::]/'],
  ['ORCHID', 'http://[2001:20::1]/'],
  ['IPv6 documentation', 'http://[2001:db8::1]/'],
  ['IPv6 documentation 2', 'http://[3fff::1]/'],
  ['unique local', 'http://[fd00::1]/'],
  ['IPv6 link-local', 'http://[fe80::1]/'],
  ['site-local', 'http://[fec0::1]/'],
  ['IPv6 multicast', 'http://[ff02::1]/'],
  ['segment routing', 'http://[5f00::1]/'],
  ['discard only', 'http://[100::1]/'],
  ['localhost', 'http://localhost/'],
  ['below localhost', 'http://app.localhost/'],
  ['localhost with a dot', 'http://localhost./'],
] as const;
for (const [what, url] of internal) {
  test(`H3 refused when made and when sent: ${what}`, async () => {
    const made = await guard.judge(url);
    assert.deepEqual([made.kind, guard.read(url).kind], ['refused', 'refused']);
    const host = URL.parse(url)?.hostname ?? '';
    assert.notEqual((await guard.vet(host)).kind, 'fine');
  });
}

const odd = [
  ['another scheme', 'ftp://example.com/', /http or https/],
  ['a file', 'file:///etc/passwd', /http or https/],
  ['no URL', 'example.com/hook', /http or https/],
  ['too long', `https://example.com/${'x'.repeat(2000)}`, /2000/],
  ['a user name', 'https://user@example.com/', /user name/],
  ['a password', 'https://:secret@example.com/', /user name/],
  ['a port of somebody else', 'https://example.com:22/', /ports: 443, 80/],
  ['no TLS', 'http://example.com/', /https/],
] as const;
for (const [what, url, detail] of odd) {
  test(`S12 refused: ${what}`, async () => {
    const judgement = await openGuard(strict, nobody).judge(url);
    assert(judgement.kind === 'refused');
    assert.match(judgement.detail, detail);
  });
}

test('public addresses and names are fine, also where nobody knows the name yet', async () => {
  for (const url of [
    'https://example.com/hook?a=b',
    'https://8.8.8.8/',
    'https://[2606:4700::1]/',
    'https://example.com:80/',
    'https://bücher.example/',
  ])
    assert.equal((await openGuard(strict, nobody).judge(url)).kind, 'fine', url);
  assert.equal(kindOfAddress('192.0.1.1'), 'public');
});

test('H4 a name is refused where any of its addresses is internal', async () => {
  for (const addresses of [
    ['127.0.0.1'],
    ['8.8.8.8', '10.0.0.1'],
    ['8.8.8.8', '::1'],
    ['2606:4700::1', '::ffff:169.254.169.254'],
  ]) {
    const mixed = openGuard(strict, async () => addresses);
    assert.equal((await mixed.judge('https://rebind.example/')).kind, 'refused');
    assert.deepEqual(await mixed.vet('rebind.example'), { kind: 'refused' });
  }
});

test('loopback is for development: any port, with or without TLS, and nothing else with it', async () => {
  const open = openGuard({ ...strict, allowLoopback: true }, async () => ['192.168.0.1']);
  for (const url of ['http://127.0.0.1:9000/', 'http://localhost:1234/', 'https://[::1]:1/'])
    assert.equal((await open.judge(url)).kind, 'fine', url);
  assert.deepEqual(await open.vet('localhost'), {
    kind: 'fine',
    addresses: ['127.0.0.1', '::1'],
  });
  for (const url of [
    'http://192.168.0.1/',
    'http://[::ffff:127.0.0.1]/',
    'https://printer.example/',
    'http://example.com/',
  ])
    assert.equal((await open.judge(url)).kind, 'refused', url);
});
