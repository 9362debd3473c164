export const measureGrowth = () => [];
