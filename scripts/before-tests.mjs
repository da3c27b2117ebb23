// Tests that start the server as a process start what `npm start` does: the bundle.
import { build } from './build.mjs';

export default async function beforeTests() {
  await build();
}
