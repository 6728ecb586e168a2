/** Least squares of few columns, by Cholesky's decomposition of their products. */
export interface LeastSquares {
  readonly coefficients: Float64Array;
  /** Inverse of the columns' products, row by row: covariances in units of the noise's variance. */
  readonly inverse: Float64Array;
  readonly residualSquares: number;
  /** Logarithm of the determinant of the columns' products. */
  readonly logDeterminant: number;
}

/** A column is the sum of others where what is left of it is so small a part. */
const dependent = 1e-10;

/**
 * @param columns each as long as `y`.
 * @returns undefined where columns depend on each other.
 */
export function leastSquares(columns: readonly Float64Array[], y: Float64Array): LeastSquares | undefined {
  const size = columns.length;
  const factor = cholesky(columns);
  if (!factor) return undefined;
  const inverse = new Float64Array(size * size);
  for (let column = 0; column < size; column++) {
    const unit = new Float64Array(size);
    unit[column] = 1;
    const solved = solve(factor, unit);
    for (let row = 0; row < size; row++) inverse[row * size + column] = solved[row]!;
  }
  const coefficients = solve(
    factor,
    Float64Array.from(columns, (column) => dot(column, y)),
  );
  let residualSquares = 0;
  for (let index = 0; index < y.length; index++) {
    let left = y[index]!;
    for (let column = 0; column < size; column++) left -= coefficients[column]! * columns[column]![index]!;
    residualSquares += left * left;
  }
  let logDeterminant = 0;
  for (let index = 0; index < size; index++) logDeterminant += 2 * Math.log(factor[index * size + index]!);
  return { coefficients, inverse, residualSquares, logDeterminant };
}

/** Variance of a sum of coefficients, in units of the noise's variance. */
export function varianceOfSum({ inverse }: LeastSquares, weights: ArrayLike<number>): number {
  const size = weights.length;
  let sum = 0;
  for (let row = 0; row < size; row++)
    for (let column = 0; column < size; column++)
      sum += weights[row]! * weights[column]! * inverse[row * size + column]!;
  return sum;
}

/** Lower triangle of the columns' products. */
function cholesky(columns: readonly Float64Array[]): Float64Array | undefined {
  const size = columns.length;
  const factor = new Float64Array(size * size);
  for (let row = 0; row < size; row++) {
    for (let column = 0; column <= row; column++) {
      const whole = dot(columns[row]!, columns[column]!);
      let left = whole;
      for (let known = 0; known < column; known++) left -= factor[row * size + known]! * factor[column * size + known]!;
      if (row !== column) factor[row * size + column] = left / factor[column * size + column]!;
      else if (left > dependent * whole) factor[row * size + row] = Math.sqrt(left);
      else return undefined;
    }
  }
  return factor;
}

function solve(factor: Float64Array, right: Float64Array): Float64Array {
  const size = right.length;
  const solution = Float64Array.from(right);
  for (let row = 0; row < size; row++) {
    for (let known = 0; known < row; known++) solution[row]! -= factor[row * size + known]! * solution[known]!;
    solution[row]! /= factor[row * size + row]!;
  }
  for (let row = size - 1; row >= 0; row--) {
    for (let known = row + 1; known < size; known++) solution[row]! -= factor[known * size + row]! * solution[known]!;
    solution[row]! /= factor[row * size + row]!;
  }
  return solution;
}

function dot(one: Float64Array, other: Float64Array): number {
  let sum = 0;
  for (let index = 0; index < one.length; index++) sum += one[index]! * other[index]!;
  return sum;
}
