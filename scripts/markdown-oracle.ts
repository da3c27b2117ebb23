// Writes server/test/markdown/oracle.json: for each message of the corpus a hash of the tree that @rocket.chat/message-parser makes.
// To be run after a change of the corpus: npx tsx scripts/markdown-oracle.ts
import { writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parse } from '@rocket.chat/message-parser';
import { corpus, hashOf, OPTIONS } from '../server/test/markdown/corpus.ts';

const hashes = corpus().map((text) => hashOf(parse(text, OPTIONS)));
const file = fileURLToPath(new URL('../server/test/markdown/oracle.json', import.meta.url));
writeFileSync(file, `${JSON.stringify(hashes.join(' '))}\n`);
console.error(`${hashes.length} messages.`);
