import { expect, test } from 'vitest'
import { fileName, folderOf, folderOfFile, sequenceOf, startOfFolder } from './destination.ts'

test('a file is named by type, UTC minute and sequence', () => {
  const folder = folderOf('user_activity', 1705314659999999n)
  expect(folder).toBe('user_activity/2024/01/15/10/30')
  expect(fileName(folder, 1)).toBe('output/user_activity/2024/01/15/10/30/user_activity_202401151030001.json')
  expect(fileName(folder, 1234)).toBe('output/user_activity/2024/01/15/10/30/user_activity_2024011510301234.json')
  expect(startOfFolder(folder)).toBe(Date.parse('2024-01-15T10:30:00Z'))
})

test('the years that BigQuery has have a folder', () => {
  expect(folderOf('order', -62135596800000000n)).toBe('order/0001/01/01/00/00')
  expect(folderOf('order', 253402300799999999n)).toBe('order/9999/12/31/23/59')
  expect(folderOf('order', -1n)).toBe('order/1969/12/31/23/59')
  expect(startOfFolder('order/0001/01/01/00/00')).toBe(-62135596800000)
})

test.each([1, 42, 999, 1000])('sequence %d is read back from the name of a file', (sequence) => {
  const folder = '_dead_letter/2024/01/15/10/30'
  const name = fileName(folder, sequence)
  expect(sequenceOf(folder, name)).toBe(sequence)
  expect(folderOfFile(name)).toBe(folder)
})

test('other objects in a folder are not taken for files of the pipeline', () => {
  const folder = 'order/2024/01/15/10/30'
  const prefix = 'output/order/2024/01/15/10/30/'
  for (const name of [
    'notes.txt',
    'order_20240115103001.json',
    'order_202401151030001.json.bak',
    'x/order_202401151030001.json',
  ]) {
    expect(sequenceOf(folder, prefix + name)).toBeUndefined()
  }
})
