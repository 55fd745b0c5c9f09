"""What is said where the steps of a run are explained, in Chinese."""

STEP_WORDS_CHINESE = {
    "explain.heading": "您的数据经历了什么",
    "explain.left_out": "步骤“{step}”无法在此显示（{why}）。",
    "explain.comma": "、",
    "explain.rows": "行数",
    "explain.rows_with": "带此标签的行数",
    "explain.share": "行的占比",
    "explain.others": "其余",
    "explain.split.title": "首先留出一部分行",
    "explain.split.sealed": "{total:,} 行中有 {tested:,} 行被封存：直到最后都没有模型见过它们，"
    "因此最后的分数能说明新的行会被回答得多好。",
    "explain.split.nothing_sealed": "全部 {learnt:,} 行都用来学习；没有封存任何行，因此不会有测试分数。",
    "explain.split.by_stratified": "它们是在“{label}”的每个取值内随机抽取的，两部分中各取值的占比因此相同。",
    "explain.split.by_random": "它们是随机抽取的。",
    "explain.split.by_group": "“{named}”相同的行留在同一部分：否则模型只需认出某一组，而不必学到规律。",
    "explain.split.by_time": "它们是按“{named}”最晚的行，因为模型将来要回答的正是学习之后出现的行。",
    "explain.split.by_column": "由“{named}”这一列指定。",
    "explain.split.by_given": "它们是您给出的测试部分。",
    "explain.split.folds": "其余 {learnt:,} 行分成 {folds} 次：每次约 {fit:,} 行用来学习，约 {judge:,} "
    "行用来挑选模型。每一行恰有一次属于后者，由从未见过它的模型来回答。",
    "explain.split.one_fold": "其余 {learnt:,} 行中，{fit:,} 行用来学习，{judge:,} 行用来挑选模型。",
    "explain.split.learnt": "学习与挑选",
    "explain.split.tested": "封存作测试",
    "explain.split.alt": "条形图：用于学习 / 封存作测试的行数。{bars}。",
    "explain.features.title": "冻结的网络如何看待您的行",
    "explain.features.text": "{backbone} 曾用别的文本训练，在此保持不变。它把“{column}”中的每段文本变成 "
    "{numbers:,} 个数，只需计算一次；随后小模型从中学习“{label}”。",
    "explain.features.image": "{backbone} 曾用别的图片训练，在此保持不变。它把“{column}”中的每张图片变成 "
    "{numbers:,} 个数，只需计算一次；随后小模型从中学习“{label}”。",
    "explain.features.plane": "图中是您的 {n} 行，沿着它们差异最大的两个方向（主成分，含全部差异的 {held:.0%}）。",
    "explain.features.neighbours": "网络并不知道“{label}”，但最近的另一行有 {nearest:.0%} 与之相同；"
    "任意另一行只有 {chance:.0%}。",
    "explain.features.first": "第一主成分",
    "explain.features.second": "第二主成分",
    "explain.features.alt": "{n} 行在二维中的点，按“{label}”标记：{names}。",
}
