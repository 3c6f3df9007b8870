/** A step into an array is told as `[]`: `items[].price` is the path of every item's price. */
export type JsonPath = readonly string[]

/** What is to stand in place of the text of a text, number, true, false or null; undefined leaves it. */
export type Edit = (path: JsonPath, text: string) => string | undefined

const TOKEN = /[\s]*([{}[\],:]|"(?:[^"\\]|\\.)*"|[^\s{}[\],:"]+)/y

/**
 * Replaces values in a JSON text and leaves every other character as it is, also where a name is repeated or a number
 * has more digits than JavaScript keeps. The text must be JSON already. Without recursion: depth is no danger.
 */
export function editJson(json: string, edit: Edit): string {
  const path: string[] = []
  const isArray: boolean[] = []
  let result = ''
  let copied = 0
  let expectsName = false
  TOKEN.lastIndex = 0
  for (let found = TOKEN.exec(json); found; found = TOKEN.exec(json)) {
    const token = found[1]!
    switch (token) {
      case '{':
      case '[':
        isArray.push(token === '[')
        path.push('[]')
        expectsName = token === '{'
        break
      case '}':
      case ']':
        isArray.pop()
        path.pop()
        expectsName = false
        break
      case ',':
        expectsName = isArray.at(-1) === false
        break
      case ':':
        break
      default: {
        if (expectsName) {
          path[path.length - 1] = JSON.parse(token) as string
          expectsName = false
          break
        }
        const replacement = edit(path, token)
        if (replacement === undefined) break
        const end = TOKEN.lastIndex
        result += json.slice(copied, end - token.length) + replacement
        copied = end
      }
    }
  }
  return result + json.slice(copied)
}
