// Every text of the page, in both languages; a test holds them in parity.

export const words = {
  en: {
    problem: "Your problem",
    model: "Speciality",
    role: "Role",
    votes: "Derivations",
    solve: "Solve",
    stop: "Stop",
    thinking: "Thinking",
    answer: "Answer",
    verdict: "Verdict",
    other: "中文",
    automatic: "automatic",
    bare: "none",
    noAnswer: "none given",
    stopped: "Stopped.",
    loading: "The model is still loading…",
    key: "This server wants an API key:",
    unreachable: "The server cannot be reached.",
    cost: "{tokens} tokens in {seconds} s",
    correct: "Correct",
    incorrect: "Wrong",
    undecided: "Undecided",
    proved: "Proved",
    checked: "Checked",
    agreed: "Agreed",
    refuted: "Refuted",
    unverified: "Not verified",
  },
  zh: {
    problem: "你的题目",
    model: "专长",
    role: "角色",
    votes: "推导次数",
    solve: "求解",
    stop: "停止",
    thinking: "思考过程",
    answer: "答案",
    verdict: "结论",
    other: "English",
    automatic: "自动",
    bare: "无",
    noAnswer: "未给出",
    stopped: "已停止。",
    loading: "模型仍在加载……",
    key: "此服务器需要 API 密钥：",
    unreachable: "无法连接服务器。",
    cost: "{tokens} 个词元，{seconds} 秒",
    correct: "正确",
    incorrect: "错误",
    undecided: "无法判定",
    proved: "已证明",
    checked: "已检验",
    agreed: "多次一致",
    refuted: "已否定",
    unverified: "未验证",
  },
};

/** The language a person reads: what they chose last, else what the browser says. */
export function preferred() {
  const chosen = localStorage.getItem("language");
  if (chosen in words) return chosen;
  return navigator.language.toLowerCase().startsWith("zh") ? "zh" : "en";
}
