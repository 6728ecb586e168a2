import { jobVolumes } from "../../contract/hosts/disks";
import { jobObstacles } from "../../contract/hosts/inference";
import instanceTypes from "../../contract/hosts/instance-types.json";
import type { Demand } from "./problems";
import { decimal, flag, integer, oneOf, type Values } from "./setting";

export const modelVariants = ["yolo11n", "yolo11s", "yolo11m", "yolo11l", "yolo11x"] as const;

export const trainingSettings = {
  trainingInstanceType: oneOf(
    instanceTypes.training,
    {
      meaning: "Default instance type of training and evaluation jobs, for example ml.g4dn.xlarge.",
      example: "ml.g4dn.xlarge",
    },
    "a SageMaker training instance type such as ml.g4dn.xlarge",
  ),
  processingInstanceType: oneOf(
    instanceTypes.processing,
    { meaning: "Default instance type of profiling and preparation jobs.", default: "ml.m5.xlarge" },
    "a SageMaker processing instance type such as ml.m5.xlarge",
  ),
  trainingSpot: flag({ meaning: "Trains on spot capacity, with checkpoints.", default: "true" }),
  trainingMaxHours: integer(1, 120, {
    meaning: "Training jobs are stopped after this time, 1 to 120 hours.",
    default: "12",
  }),
  modelVariant: oneOf(modelVariants, {
    meaning: "Default YOLO11 size, one of yolo11n, yolo11s, yolo11m, yolo11l, yolo11x.",
    default: "yolo11n",
  }),
  epochs: integer(1, 5000, { meaning: "Default number of training epochs.", default: "100" }),
  imageSize: integer(32, 4096, {
    meaning:
      "Default side of the square that images are resized to, pixels; a multiple of 32, the largest stride of YOLO11.",
    default: "640",
  }),
  batchSize: integer(1, 1024, { meaning: "Default images per training batch.", default: "16" }),
  learningRate: decimal(1e-6, 1, {
    meaning: "Default initial learning rate (lr0). Fine-tuning starts from base weights; ten times more unlearns them.",
    default: "0.001",
  }),
  freezeLayers: integer(0, 24, {
    meaning: "Default number of first layers that fine-tuning leaves as they are.",
    default: "0",
  }),
  seed: integer(0, 2 ** 31 - 1, { meaning: "Default random seed.", default: "0" }),
  minMap50: decimal(0, 1, {
    meaning:
      "Quality bar, mAP50 on the test split. The pipeline registers no model below it, and no release below it comes into the environment.",
    default: "0.50",
  }),
  minGain: decimal(-1, 1, {
    meaning: "Default least gain in mAP50 over the champion; negative values tolerate a loss.",
    default: "0.00",
  }),
};
type TrainingValues = Values<typeof trainingSettings>;

export const trainingDemands: readonly Demand<TrainingValues>[] = [
  {
    of: ["imageSize"],
    *clashes({ imageSize }) {
      if (imageSize % 32 !== 0)
        yield {
          name: "imageSize",
          reason: `is ${imageSize}; it must be a multiple of 32, the largest stride of YOLO11`,
        };
    },
  },
  fits("trainingInstanceType", jobVolumes.training),
  fits("processingInstanceType", jobVolumes.processing),
  {
    // Evaluation is a processing job on the training instance type.
    of: ["trainingInstanceType"],
    *clashes({ trainingInstanceType }) {
      if (!instanceTypes.processing.includes(trainingInstanceType))
        yield {
          name: "trainingInstanceType",
          reason: `${trainingInstanceType} trains but cannot run the evaluation, which is a processing job`,
        };
    },
  },
];

/**
 * The host of a job has the processors of our image, and room for what the job asks for.
 * @param gigabytes of the job's volume.
 */
function fits(name: "trainingInstanceType" | "processingInstanceType", gigabytes: number): Demand<TrainingValues> {
  return {
    of: [name],
    *clashes({ [name]: type }) {
      for (const obstacle of jobObstacles(type, { gigabytes })) yield { name, reason: `is ${type}, which ${obstacle}` };
    },
  };
}

export interface TrainingSettings {
  readonly instanceType: string;
  readonly processingInstanceType: string;
  readonly spot: boolean;
  readonly maxHours: number;
  readonly modelVariant: (typeof modelVariants)[number];
  readonly epochs: number;
  readonly imageSize: number;
  readonly batchSize: number;
  readonly learningRate: number;
  readonly freezeLayers: number;
  readonly seed: number;
  readonly minMap50: number;
  readonly minGain: number;
}

export function trainingOf(values: TrainingValues): TrainingSettings {
  return {
    instanceType: values.trainingInstanceType,
    processingInstanceType: values.processingInstanceType,
    spot: values.trainingSpot,
    maxHours: values.trainingMaxHours,
    modelVariant: values.modelVariant,
    epochs: values.epochs,
    imageSize: values.imageSize,
    batchSize: values.batchSize,
    learningRate: values.learningRate,
    freezeLayers: values.freezeLayers,
    seed: values.seed,
    minMap50: values.minMap50,
    minGain: values.minGain,
  };
}
