// Ids of persons are compared without case: directories spell them as they like. The archive folds its
// columns the same way.

export function foldPerson(text: string): string {
  return text.normalize('NFC').toLowerCase();
}
