import { expect, test } from 'vitest';
import { storedPlace } from './stored-place.ts';

test('a directory', () => {
  expect(storedPlace({ dataDir: '/srv/gantry', databaseUrl: undefined })).toBe('in /srv/gantry');
});

test.each([
  ['postgres://gantry:secret@db.example.org:5433/chat', 'at postgres://gantry@db.example.org:5433/chat'],
  ['postgres://gantry@db/chat?password=secret&sslmode=require', 'at postgres://gantry@db/chat'],
  ['postgresql:///chat', 'at postgresql:///chat'],
])('%s without what is secret', (databaseUrl, place) => {
  expect(storedPlace({ dataDir: 'data', databaseUrl })).toBe(place);
});
