"""What the events of the trail are called on a page. Tags are short English words kept for ever; readers read these."""

from app.domain import agreements, demands, matches, menus, visits
from app.domain.moves import MoveTable

# The first word of a tag and of its subject's table → what it is about.
SUBJECTS = {
    "accounts": "账号",
    "agreements": "三方协议",
    "commissioners": "科特派名册",
    "demands": "技术需求",
    "matches": "对接",
    "menus": "服务菜单",
    "organisations": "单位",
    "people": "人员",
    "plans": "派驻方案",
    "regions": "行政区划",
    "rounds": "名册导入",
    "tallies": "年终统计",
    "trail": "操作留痕",
    "visits": "服务记录",
    "vocabulary": "字典",
    "weights": "排序权重",
}
# Tables that are not named like their desk.
TABLES = {
    "appointments": "选认",
    "import_batches": "名册批次",
    "jobs": "后台任务",
    "import_effects": "名册里的一行",
    "boundary_versions": "界线版本",
    "confirmations": "受援单位确认",
    "escalation_answers": "对求助的答复",
    "escalations": "求助",
    "grants": "角色",
    "industry_schemes": "产业字典",
    "offers": "服务菜单",
    "proposal_refusals": "不合适的人选",
    "industries": "产业字典",
    "result_kinds": "成果字典",
    "set_up_links": "设置密码链接",
    "signed_in_sessions": "登录",
    "team_members": "团队成员",
}
EVENTS = {
    "accounts.sign_in": "登录",
    "accounts.sign_out": "退出登录",
    "accounts.choose_grant": "切换身份",
    "accounts.open": "新建账号",
    "accounts.close": "停用账号",
    "accounts.make_link": "生成设置密码链接",
    "accounts.set_password": "设置密码",
    "accounts.change_password": "更改密码",
    "accounts.revoke": "让一台设备退出",
    "accounts.give_grant": "授予角色",
    "accounts.end_grant": "收回角色",
    "agreements.draft": "起草协议",
    "agreements.edit": "修改协议",
    "agreements.file": "协议归档",
    "agreements.add_scan": "补上协议扫描件",
    "agreements.end": "终止协议",
    "commissioners.keep": "登记科特派",
    "commissioners.change": "修改科特派资料",
    "commissioners.fill": "补充科特派资料",
    "commissioners.appoint": "登记选认",
    "commissioners.withdraw": "撤销选认",
    "commissioners.add_member": "增加团队成员",
    "commissioners.end_member": "移出团队成员",
    "commissioners.lead": "确定团队负责人",
    "commissioners.end_lead": "更换团队负责人",
    "demands.post": "发布需求",
    "demands.edit": "修改需求",
    "demands.reveal": "查看需求联系电话",
    "matches.invite": "发出邀请",
    "matches.apply": "申请承接",
    "matches.reveal": "查看科特派联系电话",
    "matches.ask_further": "请别处帮忙找人选",
    "matches.answer_asking": "答复别处的求助",
    "matches.set_aside": "标记为不合适",
    "menus.add": "新增服务",
    "menus.edit": "修改服务",
    "organisations.keep": "登记单位",
    "organisations.change": "修改单位资料",
    "organisations.reveal": "查看单位联系电话",
    "people.keep": "登记人员",
    "people.anonymise": "匿名化",
    "people.change": "修改人员资料",
    "people.fill": "补充人员资料",
    "people.reveal": "查看人员个人信息",
    "regions.load": "载入行政区划",
    "regions.draw_lines": "画出界线",
    "regions.count_unit": "更改统计用区划是否计入",
    "rounds.preview": "核对名册",
    "rounds.apply": "写入名册",
    "rounds.drop": "放弃名册",
    "rounds.restore": "撤销时恢复原样",
    "rounds.take_back": "撤销时收回",
    "rounds.undo": "撤销一批名册",
    "visits.log": "填写服务记录",
    "visits.amend": "修改服务记录",
    "visits.reveal": "查看受援单位联系电话",
    "visits.ask_confirmation": "请受援单位确认",
    "plans.make": "做派驻方案",
    "plans.retry": "重新计算派驻方案",
    "plans.check": "复核派驻方案",
    "plans.drop": "放弃派驻方案",
    "plans.publish": "发布派驻方案",
    "trail.check": "核对封签",
    "tallies.decide_level_rule": "确定选认的层级统计口径",
    "weights.propose": "提出排序权重",
    "weights.adopt": "采用排序权重",
    "weights.drop": "不采用排序权重",
    "visits.confirmed": "受援单位确认属实",
    "visits.disputed": "受援单位提出异议",
    "visits.stands_confirmed": "受援单位确认成立",
    "visits.stands_unconfirmed": "受援单位确认不再成立",
    "vocabulary.add_industry": "增加细分产业",
    "vocabulary.add_result": "增加成果种类",
    "vocabulary.end_industry": "停用细分产业",
    "vocabulary.end_result": "停用成果种类",
    "vocabulary.edit": "修改匹配词库",
    "vocabulary.load": "载入字典",
}
_MOVES: dict[str, MoveTable] = {
    "agreements": agreements.MOVES,
    "demands": demands.MOVES,
    "matches": matches.MOVES,
    "menus": menus.MOVES,
    "visits": visits.MOVES,
}


def event_words(tag: str) -> str:
    """An event in words: its own name, or the move of a record's life it stands for; else what it is about."""
    if tag in EVENTS:
        return EVENTS[tag]
    desk, _, verb = tag.partition(".")
    if desk in _MOVES and verb in _MOVES[desk].moves:
        return f"{SUBJECTS[desk]}：{_MOVES[desk].moves[verb].label}"
    return f"{SUBJECTS.get(desk, '其他')}有变动"


def subject_words(table: str) -> str:
    """What a row of this table is called."""
    return TABLES.get(table) or SUBJECTS.get(table) or "其他"
