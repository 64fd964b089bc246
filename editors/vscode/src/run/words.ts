/** Arguments as a person types them. No editor in here. */

/** Words as a POSIX shell splits them: quotes and backslashes, nothing else. Nothing if a quote stays open. */
export function splitArguments(text: string): string[] | undefined {
  const words: string[] = [];
  let rest = text.trimStart();
  while (rest !== "") {
    const word = /^(?:[^\s'"\\]|\\.|'[^']*'|"(?:[^"\\]|\\.)*")+/su.exec(rest)?.[0];
    if (word === undefined) return undefined;
    words.push(unquoted(word));
    const after = rest.slice(word.length);
    if (after !== "" && !/^\s/u.test(after)) return undefined;
    rest = after.trimStart();
  }
  return words;
}

function unquoted(word: string): string {
  return word.replaceAll(/\\(.)|'([^']*)'|"((?:[^"\\]|\\.)*)"/gsu, (_all, escaped?: string, single?: string, double?: string) => {
    return escaped ?? single ?? (double ?? "").replaceAll(/\\(["\\$`])/gu, "$1");
  });
}
