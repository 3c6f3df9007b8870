/** google.protobuf.DescriptorProto as proto-loader decodes it: enums by name, camel case. */
export interface DescriptorProto {
  readonly name: string
  readonly field: readonly FieldDescriptorProto[]
  readonly nestedType: readonly DescriptorProto[]
  readonly enumType: readonly { readonly name: string; readonly value: readonly { name: string; number: number }[] }[]
}

export interface FieldDescriptorProto {
  readonly name: string
  readonly number: number
  readonly label: string
  readonly type: string
  readonly typeName: string
  readonly defaultValue?: string
  readonly options?: Readonly<Record<string, unknown>> | null
}

/** The column's name where it cannot be that of a field (google/cloud/bigquery/storage/v1/annotations.proto). */
const COLUMN_NAME = '.google.cloud.bigquery.storage.v1.columnName'

export const columnNameOf = (field: FieldDescriptorProto): string => String(field.options?.[COLUMN_NAME] || field.name)

const value = (type: string): DescriptorProto['field'][number] => ({
  name: 'value',
  number: 1,
  label: 'LABEL_OPTIONAL',
  type,
  typeName: '',
})
const WRAPPERS: Readonly<Record<string, FieldDescriptorProto>> = {
  '.google.protobuf.BoolValue': value('TYPE_BOOL'),
  '.google.protobuf.BytesValue': value('TYPE_BYTES'),
  '.google.protobuf.DoubleValue': value('TYPE_DOUBLE'),
  '.google.protobuf.FloatValue': value('TYPE_FLOAT'),
  '.google.protobuf.Int32Value': value('TYPE_INT32'),
  '.google.protobuf.Int64Value': value('TYPE_INT64'),
  '.google.protobuf.StringValue': value('TYPE_STRING'),
  '.google.protobuf.UInt32Value': value('TYPE_UINT32'),
  '.google.protobuf.UInt64Value': value('TYPE_UINT64'),
}

/** The one field of a well-known wrapper message, which stands for a scalar that may be absent. */
export const wrapped = (typeName: string): FieldDescriptorProto | undefined => WRAPPERS[typeName]

/** A descriptor has all its messages inside; a type's name says where, from the root or from here outwards. */
export function findMessage(root: DescriptorProto, typeName: string): DescriptorProto | undefined {
  return findNested(root, typeName, (scope) => scope.nestedType)
}

export function findEnum(root: DescriptorProto, typeName: string) {
  return findNested(root, typeName, (scope) => scope.enumType)
}

function findNested<T extends { name: string }>(
  root: DescriptorProto,
  typeName: string,
  members: (scope: DescriptorProto) => readonly T[],
): T | undefined {
  const last = typeName.split('.').at(-1)
  const scopes = (scope: DescriptorProto): DescriptorProto[] => [scope, ...scope.nestedType.flatMap(scopes)]
  return scopes(root)
    .flatMap(members)
    .find((member) => member.name === last)
}
