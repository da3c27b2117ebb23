import { expect, test } from 'vitest';
import { settingsOver } from '../../kernel/settings.ts';
import { s3Place } from './s3-place.ts';

const place = (values: Record<string, unknown>) => {
  const all: Record<string, unknown> = {
    Bucket: 'b',
    AWSAccessKeyId: 'id',
    AWSSecretAccessKey: 'key',
    ...values,
  };
  return s3Place(settingsOver((id) => all[id.replace('FileUpload_S3_', '')]));
};

test.each<[Record<string, unknown>, string]>([
  [{}, 'https://b.s3.us-east-1.amazonaws.com/'],
  [{ Region: 'eu-west-1', ForcePathStyle: true }, 'https://s3.eu-west-1.amazonaws.com/b/'],
  [{ BucketURL: 'http://minio:9000', ForcePathStyle: true }, 'http://minio:9000/b/'],
  [{ BucketURL: 'http://minio:9000/b/', ForcePathStyle: true }, 'http://minio:9000/b/'],
  [{ BucketURL: 'https://fra1.example.com' }, 'https://b.fra1.example.com/'],
  [{ BucketURL: 'https://b.fra1.example.com/' }, 'https://b.fra1.example.com/'],
])('the address of the bucket for %j', (values, url) => {
  expect(place(values).url).toBe(url);
});

test.each([{ Bucket: '' }, { AWSAccessKeyId: '' }, { BucketURL: 'minio:9000' }, { BucketURL: 'ftp://a/' }])(
  'no bucket is named by %j',
  (values) => {
    expect(() => place(values)).toThrow();
  },
);
