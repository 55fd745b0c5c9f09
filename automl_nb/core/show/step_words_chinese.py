"""What is said where the steps of a run are explained, in Chinese."""

STEP_WORDS_CHINESE = {
    "explain.heading": "您的数据经历了什么",
    "explain.left_out": "步骤“{step}”无法在此显示（{why}）。",
    "explain.comma": "、",
    "explain.blank": "",
    "explain.rows": "行数",
    "explain.rows_with": "带此标签的行数",
    "explain.share": "行的占比",
    "explain.others": "其余",
    "explain.split.title": "首先留出一部分行",
    "explain.split.sealed": "{total:,} 行中有 {tested:,} 行被封存：直到最后都没有模型见过它们，因"
    "此最后的分数能说明新的行会被回答得多好。",
    "explain.split.nothing_sealed": "全部 {learnt:,} 行都用来学习；没有封存任何行，因此不会有测试"
    "分数。",
    "explain.split.by_stratified": "它们是在“{label}”的每个取值内随机抽取的，两部分中各取值的占比"
    "因此相同。",
    "explain.split.by_random": "它们是随机抽取的。",
    "explain.split.by_group": "“{named}”相同的行留在同一部分：否则模型只需认出某一组，而不必学到"
    "规律。",
    "explain.split.by_time": "它们是按“{named}”最晚的行，因为模型将来要回答的正是学习之后出现的行"
    "。",
    "explain.split.by_column": "由“{named}”这一列指定。",
    "explain.split.by_given": "它们是您给出的测试部分。",
    "explain.split.folds": "其余 {learnt:,} 行按 {folds} 种方式分开：每次约 {fit:,} 行用来学习，"
    "约 {judge:,} 行用来挑选模型。每一行恰有一次属于后者，由从未见过它的模型来回答。",
    "explain.split.one_fold": "其余 {learnt:,} 行中，{fit:,} 行用来学习，{judge:,} 行用来挑选模型"
    "。",
    "explain.split.learnt": "学习与挑选",
    "explain.split.tested": "封存作测试",
    "explain.split.alt": "条形图：用于学习 / 封存作测试的行数。{bars}。",
    "explain.features.title": "冻结的网络如何看待您的行",
    "explain.features.text": "{backbone} 曾用别的文本训练，在此保持不变。它把“{column}”中的每段文"
    "本变成 {numbers:,} 个数，只需计算一次；随后小模型从中学习“{label}”。",
    "explain.features.image": "{backbone} 曾用别的图片训练，在此保持不变。它把“{column}”中的每张"
    "图片变成 {numbers:,} 个数，只需计算一次；随后小模型从中学习“{label}”。",
    "explain.features.plane": "图中是您的 {n} 行，沿着它们差异最大的两个方向（主成分，含全部差异"
    "的 {held:.0%}）。",
    "explain.features.neighbours": "网络并不知道“{label}”，但最近的另一行有 {nearest:.0%} 与之相"
    "同；任意另一行只有 {chance:.0%}。",
    "explain.features.first": "第一主成分",
    "explain.features.second": "第二主成分",
    "explain.features.alt": "{n} 行在二维中的点，按“{label}”标记：{names}。",
    "explain.epochs": "轮（遍历所有行的次数）",
    "explain.trees": "棵树",
    "explain.loss": "损失（越小越好）",
    "explain.loss.train": "学习所用行上的损失",
    "explain.loss.held": "留出行上的损失",
    "explain.encoding.title": "一行变成一串数",
    "explain.encoding.what": "模型只会计算，因此您表中的 {columns} 列变成每行 {numbers:,} 个数；"
    "图中是您的第一行。",
    "explain.encoding.number": "数值被换算到同一尺度（0 为均值，1 为通常的偏离），否则大单位会淹"
    "没小单位；它的各个分段让直线也能跟随弯曲。",
    "explain.encoding.category": "类别的每个取值各占一个数：自己的为 1，其余为 0，因为取值之间没"
    "有大小之分。",
    "explain.encoding.date": "日期被拆成各个部分，这样才能看出季节和星期。",
    "explain.encoding.trees": "树只比较大小，因此数值保持原样，缺失也是；类别的每个取值得到一个编"
    "号，最常见的为 0。",
    "explain.encoding.missing": "缺失",
    "explain.encoding.more": "… 另有 {n} 个",
    "explain.encoding.alt": "第一行以及它变成了什么。{row}。",
    "explain.tokens.title": "文本被切成小块",
    "explain.tokens.pieces": "{backbone} 认识 {vocabulary:,} 个词块。“{column}”中的这段文本有 "
    "{words} 个以空格分开的词，切成 {n} 块：常见的词保持完整，少见的词由几块拼成，因此没有不认识"
    "的词。",
    "explain.tokens.marks": "特殊标记表示文本的开头和结尾。",
    "explain.tokens.cut": "文本越长越费时，因此每段只读前 {limit} 块：您的文本中有 {cut:.0%} 更长"
    "，结尾被舍去；一半的文本不超过 {usual} 块。",
    "explain.tokens.whole": "每段最多读 {limit} 块，对所查看的文本都足够；一半的文本不超过 "
    "{usual} 块。",
    "explain.tokens.alt": "一段文本的词块：{pieces}",
    "explain.backbone.title": "为什么由 {backbone} 来读您的行",
    "explain.backbone.asked": "您指定了 {backbone}。",
    "explain.backbone.usual": "对“{column}”而言，{backbone} 通常是首选：在以往测量过的数据集上，"
    "就所用的时间来说，它在现有网络中回答得最好。",
    "explain.backbone.compared": "几个网络读了您的 {rows} 行，同一个简单模型分别从它们的特征中学"
    "习：{backbone} 居首（{metric}：{scores}）。",
    "explain.backbone.alike": "几个网络读了您的 {rows} 行，同一个简单模型分别从它们的特征中学习（"
    "{metric}：{scores}）。这么少的行分不出高下，因此照常以 {backbone} 为先。",
    "explain.backbone.size": "它含有 {millions} 百万个数，是从远比您的数据多的行中学来的；利用它"
    "们就是迁移学习。",
    "explain.backbone.worth": "这是否有帮助，要看留出的行（{metric}：{scores}）。",
    "explain.backbone.without": "不用网络",
    "explain.backbone.alone": "只用它的特征",
    "explain.backbone.both": "两者并用",
    "explain.backbone.alt": "{metric} 的条形图：{scores}。",
    "explain.search.title": "搜索设置",
    "explain.search.what": "模型有一些自己学不到的设置：{settings}。共试了 {tried} 种组合，每种都"
    "按留出行上的损失来评判。",
    "explain.search.learns": "每个新组合都根据先前的结果来选，而不是在所有可能中乱选（搜索方法："
    "{searcher}）。",
    "explain.search.chance": "它们是事先排好或随机选取的，与先前的结果无关（搜索方法：{searcher}"
    "）。",
    "explain.search.pruned": "其中 {pruned} 个因落后而提前结束。",
    "explain.search.best": "最好的是第 {number} 个，损失为 {loss}：{best}。",
    "explain.search.trial": "一种组合",
    "explain.search.so_far": "目前最好",
    "explain.search.number": "第几个组合",
    "explain.search.alt": "{tried} 种组合的损失，按尝试的顺序；最好的 {loss} 是第 {number} 个。",
    "explain.warm_up.title": "学习率先升后降",
    "explain.warm_up.why": "训练 {model} 时，每一步都略微改变网络中的数；学习率决定改变多少。它在"
    "最初 {warm:.0%} 的步数里逐渐升高：开始时误差很大，整步迈出会毁掉网络以前学到的东西。",
    "explain.warm_up.then": "随后它在 {epochs} 轮结束前降到零，让最后几步稳定下来，而不是来回跳动"
    "。",
    "explain.warm_up.rate": "完整的学习率为 {rate}。",
    "explain.warm_up.share": "占完整学习率的比例",
    "explain.warm_up.part": "预热",
    "explain.warm_up.alt": "学习率在 {epochs} 轮的最初 {warm:.0%} 升高，然后直线降到零。",
    "explain.fit.title": "何时停止学习",
    "explain.fit.both": "训练 {model} 时，学习所用行上的损失不断下降。真正重要的是留出行上的损失"
    "：它重新上升之处，模型是在死记各行，而不是学习规律（过拟合）。",
    "explain.fit.one": "训练 {model} 时，会查看它在留出行上的损失：它重新上升之处，模型是在死记各"
    "行，而不是学习规律（过拟合）。",
    "explain.fit.over": "这里它在 {at} {unit}时最小，为 {least}，结束时为 {last}：此后所学的被舍"
    "弃，保留菱形处的状态。",
    "explain.fit.falling": "这里它在结束时最小（{at} {unit}时为 {least}），还没有死记硬背，因此保"
    "留最后的状态；更多时间也许有帮助。",
    "explain.fit.start": "这里没有什么比开始时（{least}）更好，因此保留开始的状态：行太少，或步子"
    "太大。",
    "explain.fit.kept": "保留",
    "explain.fit.alt": "留出行上的损失在 {at} {unit}时最小（{least}），模型保留在那里；结束时为 "
    "{last}。",
    "explain.ensemble.title": "几个模型一起回答",
    "explain.ensemble.shares": "{tried} 个模型中有 {n} 个被混合：按图中的权重平均它们的概率。",
    "explain.ensemble.values": "{tried} 个模型中有 {n} 个被混合：按图中的权重平均它们的回答。",
    "explain.ensemble.how": "权重的选取使混合结果在留出行上的损失最小。",
    "explain.ensemble.why": "在不同的行上出错的模型可以互相纠正：它们一起达到 {metric} {score}。",
    "explain.ensemble.weight": "在混合中的权重",
    "explain.ensemble.alt": "混合中的权重，以及每个模型单独的 {metric}：{parts}。",
    "explain.calibration.title": "让概率诚实",
    "explain.calibration.why": "在所有以 80% 给出的回答中，应有 80% 是对的。这是否成立，要看模型"
    "没有学过的 {rows:,} 行。",
    "explain.calibration.calmer": "模型过于自信：用一个数，即温度（{t}，大于 1），让所有概率更谨"
    "慎，而不改变它们的次序。",
    "explain.calibration.bolder": "模型过于谨慎：用一个数，即温度（{t}，小于 1），让所有概率更大"
    "胆，而不改变它们的次序。",
    "explain.calibration.same": "它们本来就诚实：最合适的温度是 {t}，因此保持不变。",
    "explain.calibration.several": "每个模型一个数，混合结果再一个数，即从 {low} 到 {high} 的温度"
    "，让概率更谨慎（大于 1）或更大胆（小于 1），而不改变它们的次序。",
    "explain.calibration.changed": "所说与实际之间的平均差距（ECE）从 {before} 变为 {after}，对数"
    "损失从 {loss_before} 变为 {loss_after}。",
    "explain.calibration.before": "之前",
    "explain.calibration.after": "之后",
    "explain.calibration.honest": "言行一致",
    "explain.calibration.said": "给出的概率",
    "explain.calibration.top": "给所选类别的概率",
    "explain.calibration.true": "实际应验的比例",
    "explain.calibration.alt": "校准前后所说与实际的对照：平均差距之前为 {before}，之后为 {after}"
    "。",
}
