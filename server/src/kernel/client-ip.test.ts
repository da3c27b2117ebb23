import { describe, expect, it } from 'vitest';
import { addressBlock, clientIp } from './client-ip.ts';

describe("the client's address", () => {
  it('is the address of the socket, without its IPv4-in-IPv6 form', () => {
    expect(clientIp({}, '203.0.113.9', 0)).toBe('203.0.113.9');
    expect(clientIp({}, '::ffff:203.0.113.9', 0)).toBe('203.0.113.9');
    expect(clientIp({}, undefined, 0)).toBe('');
  });

  it('is X-Real-IP when a proxy on this machine says so', () => {
    const headers = { 'x-real-ip': '203.0.113.9' };
    expect(clientIp(headers, '127.0.0.1', 0)).toBe('203.0.113.9');
    expect(clientIp(headers, '::1', 0)).toBe('203.0.113.9');
    expect(clientIp({ 'x-real-ip': 'nonsense' }, '127.0.0.1', 0)).toBe('127.0.0.1');
  });

  it('is not what a stranger writes into a header', () => {
    const headers = { 'x-real-ip': '1.2.3.4', 'x-forwarded-for': '1.2.3.4' };
    expect(clientIp(headers, '203.0.113.9', 0)).toBe('203.0.113.9');
  });

  it('is the n-th entry from the right behind n proxies', () => {
    const headers = { 'x-forwarded-for': '6.6.6.6, 203.0.113.9, 10.0.0.2' };
    expect(clientIp(headers, '10.0.0.1', 1)).toBe('10.0.0.2');
    expect(clientIp(headers, '10.0.0.1', 2)).toBe('203.0.113.9');
    expect(clientIp(headers, '10.0.0.1', 9)).toBe('10.0.0.1');
    expect(clientIp({ 'x-forwarded-for': 'x' }, '10.0.0.1', 1)).toBe('10.0.0.1');
    expect(clientIp({ 'x-real-ip': '203.0.113.9' }, '10.0.0.1', 1)).toBe('203.0.113.9');
  });
});

describe('the address block that limits count by', () => {
  it.each([
    ['203.0.113.9', '203.0.113.9'],
    ['2001:db8:1:2:3:4:5:6', '2001:db8:1:2'],
    ['2001:db8:1:2::9', '2001:db8:1:2'],
    ['2001:0db8:0001:0002::9', '2001:db8:1:2'],
    ['2001:db8::9', '2001:db8:0:0'],
    ['::1', '0:0:0:0'],
    ['', ''],
  ])('of %s is %s', (ip, block) => {
    expect(addressBlock(ip)).toBe(block);
  });
});
