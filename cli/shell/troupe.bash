# Completion of troupe for bash. Written by script/manual from the program's help.

_troupe() {
    local word=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD - 1]} words=""
    case $before in
    --data)
        mapfile -t COMPREPLY < <(compgen -d -- "$word")
        return
        ;;
    --provider) words='local live null' ;;
    --rate) words='off' ;;
    --role) words='user viewer admin' ;;
    esac
    if [[ -z $words ]]; then
        if ((COMP_CWORD == 1)); then
            words='up submit show tail cancel retry duplicate promote priority remove delete queues workers jobs failures top pause resume drain users providers audit usage backup restore restart token doctor init ping help --help --version'
        else
            case ${COMP_WORDS[1]} in
            up) words='--port --data --provider --rate --actors --metrics --assets --help' ;;
            submit) words='--pose --duration --resolution --follow --json --key --user --data --run-at --start-by --deadline --priority --tags --dedupe --help character image video batch pipeline' ;;
            show) words='--timeline --json --user --data --help character media' ;;
            tail) words='--json --user --data --help' ;;
            cancel) words='--json --user --data --where --all --help queue= status= owner= characterId= q= tag= from= to= errorCode= errorGroup=' ;;
            retry) words='--json --user --data --where --all --help queue= status= owner= characterId= q= tag= from= to= errorCode= errorGroup=' ;;
            duplicate) words='--json --user --data --help' ;;
            promote) words='--json --user --data --where --all --help queue= status= owner= characterId= q= tag= from= to= errorCode= errorGroup=' ;;
            priority) words='--json --user --data --where --all --help queue= status= owner= characterId= q= tag= from= to= errorCode= errorGroup=' ;;
            remove) words='--json --user --data --where --all --help queue= status= owner= characterId= q= tag= from= to= errorCode= errorGroup=' ;;
            delete) words='--json --user --data --help character media' ;;
            queues) words='--once --json --user --data --help' ;;
            workers) words='--json --user --data --help' ;;
            jobs) words='--limit --cursor --json --user --data --help queue= status= owner= characterId= q= tag= from= to= errorCode= errorGroup=' ;;
            failures) words='--limit --json --user --data --where --help queue= status= owner= characterId= q= tag= from= to= errorCode= errorGroup=' ;;
            top) words='--once --user --data --help' ;;
            pause) words='--json --user --data --help character image video webhook' ;;
            resume) words='--json --user --data --help character image video webhook' ;;
            drain) words='--undo --stop --json --user --data --help' ;;
            users) words='--limit --cursor --json --user --data --help' ;;
            providers) words='--json --user --data --all --help' ;;
            audit) words='--by --action --limit --cursor --json --user --data --help' ;;
            usage) words='--days --owner --all --json --user --data --help' ;;
            backup) words='--json --user --data --list --help' ;;
            restore) words='--data --help' ;;
            restart) words='--data --help' ;;
            token) words='--user --role --expires --data --help' ;;
            doctor) words='--help' ;;
            init) words='--data --help' ;;
            ping) words='--help' ;;
            help) words='up submit show tail cancel retry duplicate promote priority remove delete queues workers jobs failures top pause resume drain users providers audit usage backup restore restart token doctor init ping' ;;
            esac
        fi
    fi
    mapfile -t COMPREPLY < <(compgen -W "$words" -- "$word")
    [[ ${COMPREPLY[0]:-} != *= ]] || compopt -o nospace
}
complete -F _troupe troupe
