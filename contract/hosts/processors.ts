/**
 * Virtual processors of an instance type such as `ml.g5.2xlarge`. AWS counts four for each "x" of a size in the
 * families that host models (pages on EC2 instance types), and two for what is smaller; `c4.8xlarge` and `c5.9xlarge`
 * have a few more or less, which an alarm does not notice.
 */
export function processorsOf(instanceType: string): number {
  const size = instanceType.split(".").at(-1) ?? "";
  const times = /^(\d*)xlarge$/.exec(size);
  return times ? 4 * Number(times[1] || 1) : 2;
}
