/** The story cannot go on; the message says why in one clear sentence. */
export class StoryEnded extends Error {
  override readonly name = 'StoryEnded';
}
