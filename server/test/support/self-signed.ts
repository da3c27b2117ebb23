import { createSign, type KeyObject } from 'node:crypto';

/** A certificate (X.509) that somebody has made for a key of their own, as base64 of its DER. */
export function selfSigned({
  publicKey,
  privateKey,
}: {
  publicKey: KeyObject;
  privateKey: KeyObject;
}): string {
  const sha256WithRsa = sequence(tlv(0x06, Buffer.from('2a864886f70d01010b', 'hex')), tlv(0x05));
  const commonName = sequence(tlv(0x06, Buffer.from('550403', 'hex')), tlv(0x0c, Buffer.from('test')));
  const name = sequence(tlv(0x31, commonName));
  const time = (text: string) => tlv(0x18, Buffer.from(text));
  const body = sequence(
    tlv(0x02, Buffer.from([1])),
    sha256WithRsa,
    name,
    sequence(time('20200101000000Z'), time('21200101000000Z')),
    name,
    publicKey.export({ type: 'spki', format: 'der' }),
  );
  const signature = createSign('sha256').update(body).sign(privateKey);
  const certificate = sequence(body, sha256WithRsa, tlv(0x03, Buffer.concat([Buffer.from([0]), signature])));
  return certificate.toString('base64');
}

const sequence = (...parts: Buffer[]): Buffer => tlv(0x30, Buffer.concat(parts));

function tlv(tag: number, value: Buffer = Buffer.alloc(0)): Buffer {
  const { length } = value;
  const lengths = length < 128 ? [length] : length < 256 ? [0x81, length] : [0x82, length >> 8, length & 255];
  return Buffer.concat([Buffer.from([tag, ...lengths]), value]);
}
