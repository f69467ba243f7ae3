/** The keywords of Rego in our words, each with an example. */

const help: Record<string, [meaning: string, example: string]> = {
  package: ['The namespace of the rules in this file: `data` and this path lead to them.', 'package example.authz'],
  import: ['A shorter name for rules of another package, or for a part of the input.', 'import data.lib.roles'],
  as: ['Gives an import or a replaced value its name or value.', 'import data.lib.roles as r'],
  default: ['The value that the rule has where none of its definitions holds.', 'default allow := false'],
  if: ['The rule has its value where everything in its body holds.', 'allow if input.user == "ann"'],
  contains: ['The rule is a set, and this is one of its members.', 'deny contains "no name" if not input.name'],
  else: ['Another value, where the body before does not hold.', 'size := "big" if input.n > 9 else := "small"'],
  some: ['Declares variables: any values that make the body hold.', 'some name in input.names'],
  in: ['Whether a value is in a collection; with `some`, each value of it.', '"admin" in input.roles'],
  every: ['The body holds for each member. Of an empty collection it holds.', 'every n in input.numbers { n > 0 }'],
  not: ['Holds where the expression is false or undefined.', 'not input.disabled'],
  with: [
    'Replaces a part of `input` or `data`, or a function, while the expression is evaluated.',
    'allow with input as {"user": "ann"}',
  ],
  null: ['The value without a value; an undefined one is not `null`.', 'input.owner == null'],
  true: ['The value that a rule has when none is written.', 'allow := true'],
  false: ['A value for which an expression does not hold.', 'default allow := false'],
};

export const keywordHelp: ReadonlyMap<string, string> = new Map(
  Object.entries(help).map(([word, [meaning, example]]) => [
    word,
    `**${word}**\n\n${meaning}\n\n\`\`\`rego\n${example}\n\`\`\``,
  ]),
);
