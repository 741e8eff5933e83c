// What the families of problems and the benchmarks are called in Chinese; their English titles come from the server.

import { current } from "./language.js";

const TITLES = {
  "inclusion-exclusion": "用容斥原理计数倍数",
  "lattice-paths": "网格上的单调路径",
  derangements: "按不动点个数计数排列",
  "urns-and-dice": "摸球与掷骰子的概率",
  "linear-diophantine": "计数 a*x + b*y = c 的解",
  "modular-power": "幂的余数与末位数字",
  series: "等差数列与等比数列求和",
  recurrences: "一阶线性递推",
  vieta: "用韦达定理处理二次方程的根",
  "gcd-and-lcm": "最大公约数与最小公倍数",
  divisors: "约数的个数与总和",
  remainders: "已知余数求数",
  primes: "质因数、区间内的质数、阶乘中的质数",
  "dp-stairs": "程序：按给定步长的有序分拆",
  "dp-coins": "程序：用给定硬币付款",
  "dp-knapsack": "程序：限定容量的选取",
  "dp-subsequences": "程序：最长或最重的单调子序列",
  "dp-alignments": "程序：两个字符串的编辑代价与公共部分",
  "dp-grids": "程序：网格路径的计数与代价",
  "dp-spacing": "程序：保持间隔的最优选取",
  "stars-and-bars": "用隔板法求和式的整数解",
  aime24: "AIME 2024：30 道竞赛题，答案为 0 到 999 的整数",
  aime25: "AIME 2025：30 道竞赛题，答案为 0 到 999 的整数",
  champ: "CHAMP：270 道竞赛题",
  competition: "九类自动生成的竞赛题，答案经过检验，中英文",
  counting: "隔板法计数，题中的和未用于任何专长的微调，中英文",
  gsm8k: "GSM8K：小学应用题，测试集",
  gym: "reasoning-gym：六类自动生成的算术题，用其自带的评分程序",
  hmmt25: "HMMT 2025 年 2 月：30 道竞赛题",
  humaneval: "HumanEval：164 个 Python 函数，在沙箱中运行其测试",
  mgsm: "MGSM：同一批小学应用题的中英文版",
  programs: "七类动态规划题，运行程序的测试，中英文",
};

/** @param {{name: string, title: string}} one @returns {string} in the language of the page */
export const titleOf = ({ name, title }) => (current() === "zh" ? (TITLES[name] ?? title) : title);
