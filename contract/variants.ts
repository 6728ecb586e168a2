/** The one production variant outside of experiments; guarded updates demand that its name stays. */
export const championVariant = "champion";
