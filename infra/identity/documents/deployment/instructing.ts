/** All of rules, functions and queues but looks, whose names begin with Get, List and Describe. */
export const instructing = [
  // Rules.
  "events:Delete*",
  "events:Disable*",
  "events:Enable*",
  "events:Put*",
  "events:Remove*",
  // Functions.
  "lambda:A*",
  "lambda:C*",
  "lambda:D*",
  "lambda:I*",
  "lambda:P*",
  "lambda:R*",
  "lambda:T*",
  "lambda:U*",
  // Queues.
  "sqs:A*",
  "sqs:C*",
  "sqs:D*",
  "sqs:P*",
  "sqs:R*",
  "sqs:S*",
  "sqs:T*",
  "sqs:U*",
];
