"""What the engine says most often, in Chinese, by what it says in English."""

_FIRST = "{name} comes first for '{column}': {what} of a linear head on {n} rows: {told}"
_FIRST_CHINESE = "“{column}”首选 {name}：线性头在 {n} 行上的 {what}：{told}"
_REUSED = " did part of this on the same rows, and is reused; 'fresh' trains all anew."
_REUSED_CHINESE = "已对同样的行完成其中一部分，这里沿用其结果；用 fresh 可全部重新训练。"

ENGINE_CHINESE = {
    # how a run goes, and why it ends
    "Networks compute on {device}.": "网络在 {device} 上计算。",
    "{who}" + _REUSED: "{who}" + _REUSED_CHINESE,
    "Run '{run}' of {when}": "运行“{run}”（{when}）",
    "An earlier run": "先前的一次运行",
    _FIRST + "; that can't tell the best apart, so {first} stays first.": _FIRST_CHINESE
    + "；还分不出最好的，所以 {first} 仍排第一。",
    _FIRST + ".": _FIRST_CHINESE + "。",
    "Every step of the plan was done; more time would change nothing.": "计划的每一步都已完成；"
    "更多时间不会带来变化。",
    "The score of the rows held out is the best that there is; more time is of no use.": "留出行"
    "的分数已是最高；更多时间没有用处。",
    "Stopped by hand.": "已手动停止。",
    "Stopped by an interrupt.": "已被中断停止。",
    # what came of a step
    "{n} rows to learn from": "用 {n} 行学习",
    "{n} quick models": "{n} 个快速模型",
    "{n} models": "{n} 个模型",
    "{n} rows": "{n} 行",
    "{n} blocks": "{n} 个特征块",
    "1 block": "1 个特征块",
    "not needed: {why}": "不需要：{why}",
    "there are no texts or pictures": "没有文本或图片",
    "not among the chosen strategies": "不在所选策略之中",
    "no time left for it": "没有剩余时间",
    "nothing can be better": "已经不可能更好",
    "as asked": "按要求",
    # why a column is of its kind
    "given": "已给定",
    "no value in any row": "任何一行都没有值",
    "pictures": "图片",
    "paths of pictures": "图片的路径",
    "a list in each row": "每行一个列表",
    "the same value in every row": "每行的值都相同",
    "true or false": "真或假",
    "only 0 and 1": "只有 0 和 1",
    "numbers": "数",
    "numbers written as text": "写成文本的数",
    "dates": "日期",
    "dates written as text ({form})": "写成文本的日期（{form}）",
    "counts the rows": "给行编号",
    "the name says id, and (nearly) every value differs": "列名表明是标识，且（几乎）每个值都不同",
    "the name says id, {n} distinct values": "列名表明是标识，{n} 个不同的值",
    "postal codes": "邮政编码",
    "codes without spaces, (nearly) every one different": "没有空格的代码，（几乎）每个都不同",
    "texts of {n} words, {share} distinct": "每段约 {n} 个词的文本，{share} 不同",
    "all": "全部",
    "values of mixed types, {more}": "类型混杂的值，{more}",
    "{k} distinct values in {n} rows": "{n} 行中有 {k} 个不同的值",
}
