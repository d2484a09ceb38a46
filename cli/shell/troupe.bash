# Completion of troupe for bash. Written by script/manual from the program's help.

# Ids of what there is, from the stack that the words of the line name.
_troupe_ids() {
    "${COMP_WORDS[0]}" complete "$1" -- "${COMP_WORDS[@]:1}" 2>/dev/null | cut -f1
}

_troupe() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]}
    local words="" prefix="" joined="" where=""
    [[ " ${COMP_WORDS[*]} " != *" --where "* ]] || where=1
    # NAME=VALUE is one word, or three where = breaks words.
    if [[ $word == = ]]; then
        word="" joined=1
    elif [[ $before == = ]]; then
        before=${COMP_WORDS[COMP_CWORD - 2]} joined=1
    elif [[ $word == *=* ]]; then
        before=${word%%=*} prefix=${word%%=*}= word=${word#*=} joined=1
    fi
    case $joined$before in
    --data | 1--data)
        mapfile -t COMPREPLY < <(compgen -P "$prefix" -d -- "$word")
        return
        ;;
    --provider | 1--provider) words='local live null' ;;
    --rate | 1--rate) words='off' ;;
    --role | 1--role) words='user viewer admin' ;;
    --pose | 1--pose) words='standing sitting portrait three-quarter profile action waving thinking dancing reading' ;;
    --action | 1--action) words='backup batch cancel cancel_batch cancel_jobs cancel_pipeline character delete_batch delete_character delete_character-job delete_job delete_media delete_media-job delete_operation delete_pipeline delete_webhook drain duplicate login logout operation patch_webhook pause pipeline priority priority_jobs promote promote_jobs queue refused remove_jobs replay resume retry retry_jobs rotate-secret stop undrain webhook' ;;
    --export | 1--export) words='csv ndjson' ;;
    --duration | 1--duration) words='5 8' ;;
    --resolution | 1--resolution) words='480p 720p' ;;
    --range | 1--range) words='1h 24h 30d' ;;
    --type | 1--type) words='image video' ;;
    --group | 1--group) words=$(_troupe_ids groups) ;;
    --owner | 1--owner) words=$(_troupe_ids owners) ;;
    1queue)
        words='character image video webhook'
        ;;
    1status)
        words='pending waiting active completed failed cancelled'
        if [[ $word == *,* ]]; then
            prefix+=${word%,*}, word=${word##*,}
        fi
        ;;
    1owner) words=$(_troupe_ids owners) ;;
    1tag) words=$(_troupe_ids tags) ;;
    1groupId) words=$(_troupe_ids groups) ;;
    1characterId) words=$(_troupe_ids characters) ;;
    esac
    if [[ -z $words && -z $joined ]]; then
        if ((COMP_CWORD == 1)); then
            words='up restart restore init token doctor ping complete submit show tail cancel retry characters media delete webhooks usage queues workers top jobs failures operations history users providers system audit pause resume drain duplicate promote priority remove backup help --help --version'
        else
            case ${COMP_WORDS[1]} in
            up) words='--port --data --provider --rate --actors --metrics --assets --json --help' ;;
            restart) words='--data --json --help' ;;
            restore) words='--data --json --help' ;;
            init) words='--data --json --help' ;;
            token) words='--user --role --expires --data --json --help' ;;
            doctor) words='--json --help' ;;
            ping) words='--json --help' ;;
            complete) words='--data --user --help queues statuses poses filters jobs characters workers operations backups groups owners tags' ;;
            submit) words='--pose --duration --resolution --follow --json --key --user --data --run-at --start-by --deadline --priority --tags --dedupe --help character image video batch pipeline' ;;
            show) words='--timeline --json --user --data --curl --help character media' ;;
            tail) words='--json --user --data --help' ;;
            cancel) words='--json --user --data --where --help' ;;
            retry) words='--json --user --data --where --help' ;;
            characters) words='--limit --cursor --json --user --data --help' ;;
            media) words='--type --limit --cursor --json --user --data --help' ;;
            delete) words='--json --user --data --help character media' ;;
            webhooks) words='--wide --json --user --data --limit --cursor --again --help' ;;
            usage) words='--days --owner --all --json --user --data --help' ;;
            queues) words='--once --json --user --data --help' ;;
            workers) words='--watch --json --user --data --help' ;;
            top) words='--once --json --user --data --help' ;;
            jobs) words='--group --limit --cursor --wide --json --user --data --watch --export --help' ;;
            failures) words='--limit --wide --json --user --data --watch --help' ;;
            operations) words='--limit --watch --json --user --data --follow --stop --help' ;;
            history) words='--range --json --user --data --help character image video webhook all' ;;
            users) words='--limit --cursor --watch --json --user --data --help' ;;
            providers) words='--watch --json --user --data --help' ;;
            system) words='--json --user --data --help' ;;
            audit) words='--by --action --limit --cursor --watch --json --user --data --help' ;;
            pause) words='--json --user --data --all --help character image video webhook' ;;
            resume) words='--json --user --data --all --help character image video webhook' ;;
            drain) words='--undo --stop --json --user --data --help' ;;
            duplicate) words='--key --json --user --data --help' ;;
            promote) words='--json --user --data --where --help' ;;
            priority) words='--json --user --data --where --help' ;;
            remove) words='--json --user --data --where --help' ;;
            backup) words='--json --user --data --list --help' ;;
            help) words='up restart restore init token doctor ping complete submit show tail cancel retry characters media delete webhooks usage queues workers top jobs failures operations history users providers system audit pause resume drain duplicate promote priority remove backup' ;;
            esac
            case $where${COMP_WORDS[1]} in
            jobs | failures | 1cancel | 1retry | 1promote | 1priority | 1remove) words+=' queue= status= owner= characterId= q= tag= from= to= errorCode= errorGroup= groupId=' ;;
            esac
            case $where${COMP_WORDS[1]} in
            1cancel | 1retry | 1promote | 1priority | 1remove) words+=' --all' ;;
            esac
        fi
        if ((COMP_CWORD > 1)) && [[ $word != -* ]]; then
            local first=${COMP_WORDS[2]}
            ((COMP_CWORD > 2)) || first=''
            case $where${COMP_WORDS[1]}/$first in
            submit/character | submit/batch | submit/pipeline)
                mapfile -t COMPREPLY < <(compgen -f -- "$word")
                return
                ;;
            submit/image | submit/video) words=$(_troupe_ids characters) ;;
            show/character | show/media) words=$(_troupe_ids characters) ;;
            delete/character | delete/media) words=$(_troupe_ids characters) ;;
            priority/) words='64 128 192' ;;
            show/* | tail/* | cancel/* | retry/* | duplicate/* | promote/* | priority/* | remove/* | webhooks/*) words+=" $(_troupe_ids jobs)" ;;
            drain/*) words+=" $(_troupe_ids workers)" ;;
            operations/*) words+=" $(_troupe_ids operations)" ;;
            media/*) words+=" $(_troupe_ids characters)" ;;
            restore/*) words+=" $(_troupe_ids backups)" ;;
            esac
        fi
    fi
    mapfile -t COMPREPLY < <(compgen -P "$prefix" -W "$words" -- "$word")
    [[ ${COMPREPLY[0]:-} != *= ]] || compopt -o nospace
}
complete -F _troupe troupe
