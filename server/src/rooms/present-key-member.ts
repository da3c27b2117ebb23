/** A member who lacks the key of a room (spec 31 §6). */
export const presentMember = ({ uid, publicKey }: { uid: string; publicKey: string }): object => ({
  _id: uid,
  e2e: { public_key: publicKey },
});
