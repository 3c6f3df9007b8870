/** Columns of a terminal that nobody has made wider. */
export const WIDTH = 80

/** `12345` as `12,345`: the same on every machine. */
export const count = (n: number): string => n.toLocaleString('en-US')

/** `1 message`, `2 messages`. */
export const counted = (n: number, noun: string): string => `${count(n)} ${noun}${n === 1 ? '' : 's'}`

/** Rows of two columns, names to the left and figures to the right, under a heading. */
export function figures(heading: string, rows: readonly (readonly [name: string, figure: string])[]): string {
  const left = Math.max(...rows.map(([name]) => name.length))
  const right = Math.max(...rows.map(([, figure]) => figure.length))
  return [heading, ...rows.map(([name, figure]) => `  ${name.padEnd(left)}  ${figure.padStart(right)}`)].join('\n')
}

/** The line, if it is no wider than a terminal, or else as much of it. */
export const cut = (line: string): string => (line.length > WIDTH ? `${line.slice(0, WIDTH - 1)}…` : line)

/** Breaks a line that is wider than a terminal between words; what follows is indented once more. */
export function wrapped(line: string): string {
  const indent = /^ */.exec(line)![0]
  const lines = ['']
  for (const word of line.trim().split(' ')) {
    const last = lines.at(-1)!
    const longer = last === '' ? word : `${last} ${word}`
    if (visible(longer) + indent.length + (lines.length > 1 ? 2 : 0) <= WIDTH || last === '')
      lines[lines.length - 1] = longer
    else lines.push(word)
  }
  return lines.map((text, i) => `${indent}${i > 0 ? '  ' : ''}${text}`).join('\n')
}

// biome-ignore lint/suspicious/noControlCharactersInRegex: the escape sequences of colours begin with one
const visible = (text: string) => text.replaceAll(/\u001b\[\d+m/g, '').length
