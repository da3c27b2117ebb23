import { expect, test } from 'vitest';
import { hostList, isPublicAddress } from './addresses.ts';

test.each([
  ['this machine', ['127.0.0.1', '127.255.255.254', '0.0.0.0', '::1', '::']],
  [
    'private networks',
    ['10.0.0.1', '172.16.0.1', '172.31.255.255', '192.168.1.1', 'fc00::1', 'fd12:3456::1'],
  ],
  [
    'link-local addresses and cloud metadata',
    ['169.254.169.254', 'fe80::1', 'fd00:ec2::254', '100.100.100.200'],
  ],
  ['metadata on an address that looks public', ['168.63.129.16', '192.0.0.192']],
  ['carrier NAT', ['100.64.0.1', '100.127.255.255']],
  ['multicast and broadcast', ['224.0.0.1', '239.255.255.250', '255.255.255.255', 'ff02::1']],
  ['documentation and benchmarks', ['192.0.2.1', '198.51.100.1', '203.0.113.1', '198.18.0.1', '2001:db8::1']],
  ['reserved', ['240.0.0.1', '0.1.2.3', '192.88.99.1', '4000::1', 'fec0::1', '::127.0.0.1', '100::1']],
  ['IPv4 in IPv6', ['::ffff:127.0.0.1', '::ffff:a9fe:a9fe', '::ffff:0:127.0.0.1', '0:0:0:0:0:ffff:10.0.0.1']],
  ['6to4, Teredo and ORCHID', ['2002:7f00:1::', '2002:808:808::', '2001::1', '2001:10::1', '2001:20::1']],
  ['NAT64 of private addresses', ['64:ff9b::7f00:1', '64:ff9b::10.0.0.1', '64:ff9b:1::8.8.8.8']],
  ['what is no address', ['', 'localhost', '1.2.3', '1.2.3.4.5', '12345::', '0x7f.1', '2130706433', '127.1']],
])('%s are not public', (_, addresses) => {
  expect(addresses.filter(isPublicAddress)).toEqual([]);
});

test('public addresses are', () => {
  const addresses = ['8.8.8.8', '1.1.1.1', '172.15.0.1', '172.32.0.1', '100.63.0.1', '2606:4700::1111'];
  const embedded = ['::ffff:8.8.8.8', '64:ff9b::8.8.8.8'];
  expect([...addresses, ...embedded].filter((address) => !isPublicAddress(address))).toEqual([]);
});

test('a list knows hosts by name and pattern, addresses and networks', () => {
  const list = hostList([
    'Hooks.Internal',
    '10.1.0.0/16',
    '192.168.1.5',
    'fd00::/8',
    '*.corp.example',
    'a*c',
  ]);
  expect(['hooks.internal', 'HOOKS.internal.', 'x.corp.example', 'abc'].every(list.hasHost)).toBe(true);
  expect(
    ['other', 'corp.example', 'x.y.corp.example', 'a.c', 'xcorp.example', '10.1.2.3'].some(list.hasHost),
  ).toBe(false);
  expect(['10.1.2.3', '::ffff:10.1.2.3', '192.168.1.5', 'fd12::1'].every(list.hasAddress)).toBe(true);
  expect(['10.2.0.1', '192.168.1.6', 'fe80::1', 'hooks.internal'].some(list.hasAddress)).toBe(false);
});
